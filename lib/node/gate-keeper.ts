import { explained } from '../network/failure-text.ts';
import { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { ServerBackendEvents } from '../websockets/server-backend.ts';
import { invalidTlsSettings } from './socket-errors.ts';
import { TlsGate } from './tls-gate.ts';

/** Has the configuration that a server speaks TLS by, and the gate that is made of it. */
export class GateKeeper {
  readonly #events: ServerBackendEvents;
  #configuration: QSslConfiguration | undefined;
  #gate: TlsGate | undefined;

  /** @param isSecure whether it is to have a configuration of its own from the start. */
  constructor(events: ServerBackendEvents, isSecure: boolean) {
    this.#events = events;
    if (isSecure) this.#configuration = QSslConfiguration.defaultConfiguration();
  }

  /** The default one, as long as there is no other. */
  get configuration(): QSslConfiguration {
    return this.#configuration ?? QSslConfiguration.defaultConfiguration();
  }

  /** The gate for the next client, which is made when it is needed; or why there can be none. */
  open(): TlsGate | string {
    const gate = this.#gate ?? this.#make(this.configuration);
    if (typeof gate !== 'string') this.#gate = gate;
    return gate;
  }

  /**
   * Goes by another configuration from now on; those who are through stay as they are.
   *
   * Returns what is wrong with it, if it `isNeeded` at once; then everything stays as it is.
   */
  change(configuration: QSslConfiguration, isNeeded: boolean): string {
    let gate: TlsGate | undefined;
    if (isNeeded) {
      const made = this.#make(configuration);
      if (typeof made === 'string') return made;
      gate = made;
    }
    this.#gate = gate;
    this.#configuration = configuration;
    return '';
  }

  /** A gate, or what OpenSSL has against it. */
  #make(configuration: QSslConfiguration): TlsGate | string {
    try {
      return new TlsGate(configuration, this.#events);
    } catch (error) {
      const { description, cause } = invalidTlsSettings(error as Error);
      return explained(description, cause);
    }
  }
}

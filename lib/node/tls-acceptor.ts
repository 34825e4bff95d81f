import type { X509Certificate } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { QHostAddress } from '../network/qhostaddress.ts';
import { AlertLevel, AlertType } from '../ssl/qssl.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QSslError } from '../ssl/qsslerror.ts';
import { PeerVerifyMode } from '../ssl/qsslsocket.ts';
import type {
  ServerBackendEvents,
  ServerSettings,
  UnverifiedClient,
} from '../websockets/server-backend.ts';
import type { RefusalReason } from '../websockets/server-statistics.ts';
import type { Alert, Endpoint } from '../websockets/socket-backend.ts';
import type { ServerRecord } from './diagnostics/server-record.ts';
import { peerChainOf, sessionOf, verificationErrors } from './peer-verification.ts';
import { peerOf } from './stream-ends.ts';
import { alertOf } from './tls-alerts.ts';
import type { TlsGate, TlsGuest } from './tls-gate.ts';

const CLOSE_NOTIFY: Alert = {
  level: AlertLevel.Warning,
  type: AlertType.CloseNotify,
  description: 'close notify',
};

const acceptorOf: unique symbol = Symbol('acceptor');

type AcceptingStream = Duplex & {
  [acceptorOf]?: TlsAcceptor | undefined;
};

/** Where the TLS handshakes of a server come together. */
export interface TlsAcceptorOwner {
  readonly events: ServerBackendEvents;
  readonly settings: Readonly<ServerSettings>;
  readonly record: ServerRecord;
  /**
   * TLS is up and the client welcome. Ends `acceptor`.
   *
   * @param configuration knows the client and the session, and belongs to the receiver.
   * @param timeLeft milliseconds for the rest of the opening handshake; negative for no limit.
   */
  secured(
    acceptor: TlsAcceptor,
    socket: TLSSocket,
    configuration: QSslConfiguration,
    timeLeft: number,
  ): void;
  /** Nothing comes of it, and all is closed. Ends `acceptor`. */
  unsecured(acceptor: TlsAcceptor): void;
}

/**
 * The server's side of one TLS handshake, over any stream.
 *
 * Node is told to accept every client, and the client is verified here, before anything is read: so
 * the application can see all that is wrong.
 */
export class TlsAcceptor implements TlsGuest {
  readonly stream: AcceptingStream;
  readonly #gate: TlsGate;
  readonly #owner: TlsAcceptorOwner;
  // Asked for at once: a socket that was reset does not know its peer any more.
  readonly #peer: Endpoint;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline: number | undefined;
  // Why nothing comes of it, as far as that is known before the end.
  #reason: RefusalReason | undefined;
  #isOver = false;

  constructor(stream: Duplex, gate: TlsGate, owner: TlsAcceptorOwner) {
    this.stream = stream;
    this.#gate = gate;
    this.#owner = owner;
    this.#peer = peerOf(stream);
    this.stream[acceptorOf] = this;
    stream.on('close', onClose);
    // What TLS makes of an error of its stream is enough.
    stream.on('error', ignore);
  }

  /**
   * Begins to speak TLS.
   *
   * @param timeLeft milliseconds for the whole opening handshake; negative for no limit.
   */
  start(timeLeft: number = this.#owner.settings.handshakeTimeout): void {
    if (this.#isOver) return;
    if (timeLeft >= 0) {
      this.#deadline = performance.now() + timeLeft;
      this.#timer = setTimeout(expire, timeLeft, this);
    }
    // A client that leaves within TLS has nothing more to hear, and TLS does not tell of it.
    this.stream.allowHalfOpen = false;
    this.#gate.admit(this.stream, this);
  }

  /** Gives the connection up, which is counted as `reason`. */
  cut(reason: RefusalReason): void {
    this.#reason ??= reason;
    this.stream.destroy();
    this.closed();
  }

  secured(socket: TLSSocket): void {
    if (this.#isOver) return;
    const chain = peerChainOf(socket);
    const configuration = sessionConfiguration(this.#gate.configuration, socket, chain);
    const isWelcome = this.#isWelcome(socket, chain, configuration);
    // A slot may have closed the server.
    if (this.#isOver) return;
    if (!isWelcome) {
      this.#refuse(socket);
      return;
    }
    // From here on, a client that has ended its side is still answered.
    socket.allowHalfOpen = true;
    this.#owner.record.secured(this.stream, socket);
    this.#release();
    this.#owner.secured(this, socket, configuration, this.#timeLeft());
  }

  unsecured(error: NodeJS.ErrnoException): void {
    if (this.#isOver) return;
    this.#reason ??= 'tls';
    const alert = alertOf(error);
    if (alert !== undefined) this.#owner.events.alertReceived(alert, this.#peer.address);
  }

  /** @internal */
  closed(): void {
    if (this.#isOver) return;
    this.#release();
    this.#owner.record.refused(this.stream, this.#reason ?? 'left', 0);
    this.#owner.unsecured(this);
  }

  #isWelcome(
    socket: TLSSocket,
    chain: readonly X509Certificate[],
    configuration: QSslConfiguration,
  ): boolean {
    const mode = configuration.peerVerifyMode();
    const isDemanded = mode === PeerVerifyMode.VerifyPeer;
    if (mode === PeerVerifyMode.VerifyNone) return true;
    // Who is only asked need not answer.
    if (!isDemanded && chain.length === 0) return true;
    const depth = configuration.peerVerifyDepth();
    const errors = verificationErrors(socket, chain, undefined, depth);
    const [first] = errors;
    if (first === undefined) return true;

    const { events } = this.#owner;
    if (configuration.handshakeMustInterruptOnError()) {
      events.handshakeInterrupted(first, this.#peer.address);
      return false;
    }
    const client = new TlsClient(this.#peer, configuration);
    events.verificationFailed(client, errors);
    return !isDemanded || client.areIgnored(errors);
  }

  #refuse(socket: TLSSocket): void {
    this.#reason ??= 'tls';
    socket.on('error', ignore);
    // The client is told in order. Until that is done the time runs on.
    socket.destroySoon();
    this.#owner.events.alertSent(CLOSE_NOTIFY, this.#peer.address);
  }

  #timeLeft(): number {
    return this.#deadline === undefined ? -1 : Math.max(0, this.#deadline - performance.now());
  }

  #release(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.stream[acceptorOf] = undefined;
    this.stream.off('close', onClose);
  }
}

/** What is known of the connection over `socket`, together with the settings of `configuration`. */
export function sessionConfiguration(
  configuration: QSslConfiguration,
  socket: TLSSocket,
  chain: readonly X509Certificate[] = peerChainOf(socket),
): QSslConfiguration {
  const copy = configuration.clone();
  copy.setSession(sessionOf(socket, chain));
  return copy;
}

/** A client that the application may let in all the same. */
class TlsClient implements UnverifiedClient {
  readonly #peer: Endpoint;
  readonly #configuration: QSslConfiguration;
  #ignoresAll = false;
  #ignored: readonly QSslError[] = [];

  constructor(peer: Endpoint, configuration: QSslConfiguration) {
    this.#peer = peer;
    this.#configuration = configuration;
  }

  peerAddress(): QHostAddress {
    return new QHostAddress(this.#peer.address);
  }

  peerPort(): number {
    return this.#peer.port;
  }

  sslConfiguration(): QSslConfiguration {
    return this.#configuration.clone();
  }

  ignoreSslErrors(errors?: readonly QSslError[]): void {
    if (errors === undefined) this.#ignoresAll = true;
    else this.#ignored = [...errors];
  }

  areIgnored(errors: readonly QSslError[]): boolean {
    return (
      this.#ignoresAll ||
      errors.every((error) => this.#ignored.some((ignored) => ignored.equals(error)))
    );
  }
}

function expire(acceptor: TlsAcceptor): void {
  acceptor.cut('timeout');
}

function onClose(this: AcceptingStream): void {
  this[acceptorOf]?.closed();
}

function ignore(): void {}

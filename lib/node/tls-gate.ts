import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import { QSslPreSharedKeyAuthenticator } from '../ssl/qsslpresharedkeyauthenticator.ts';
import { MAX_PRE_SHARED_KEY, serverTlsOptions, wantsPreSharedKey } from '../ssl/tls-options.ts';
import type { ServerBackendEvents } from '../websockets/server-backend.ts';
import { peerOf } from './stream-ends.ts';

// Node cannot be told not to limit the time; the deadline of the opening handshake is ours.
const NO_TIMEOUT_MS = 2 ** 31 - 1;

/** Somebody with a stream that TLS is to be spoken on. */
export interface TlsGuest {
  /** TLS is up: `socket` has no listeners and delivers nothing yet. */
  secured(socket: tls.TLSSocket): void;
  /** There will be no TLS; Node closes the stream. */
  unsecured(error: NodeJS.ErrnoException): void;
}

/** What leads to a guest, until its handshake is done. */
interface Ticket {
  guest: TlsGuest | undefined;
}

const ticketOf = Symbol('ticket');

type Ticketed = object & { [ticketOf]?: Ticket };

/** The server's side of TLS as one configuration wants it, for any number of streams. */
export class TlsGate {
  readonly configuration: QSslConfiguration;
  // It never listens.
  readonly #server: tls.Server;

  /** @throws Error when OpenSSL does not take the certificate, the key or the ciphers. */
  constructor(configuration: QSslConfiguration, events: ServerBackendEvents) {
    this.configuration = configuration;
    const options: tls.TlsOptions = {
      ...serverTlsOptions(configuration),
      handshakeTimeout: NO_TIMEOUT_MS,
    };
    if (wantsPreSharedKey(configuration)) {
      options.pskCallback = (socket, identity) =>
        this.#preSharedKey(identity, peerOf(streamBelow(socket) ?? socket).address, events);
    }
    this.#server = new tls.Server(options);
    this.#server.on('secureConnection', onSecured);
    this.#server.on('tlsClientError', onUnsecured);
  }

  /** Begins a TLS handshake on `stream`; `guest` hears how it ends, unless that closes first. */
  admit(stream: Duplex, guest: TlsGuest): void {
    // Node emits the outcome on whatever has emitted 'connection', and in its public API nothing
    // else leads from the TLS socket to its stream. So each guest has a server of its own, which
    // inherits all from the one whose secure context has cost 0.3 to 29 ms.
    const server = Object.create(this.#server) as tls.Server & Ticketed;
    // Bun emits it on the one that is inherited from, and its TLS socket knows the stream.
    (stream as Ticketed)[ticketOf] = server[ticketOf] = { guest };
    server.emit('connection', stream);
  }

  #preSharedKey(identity: string, address: string, events: ServerBackendEvents): Uint8Array {
    const hint = this.configuration.preSharedKeyIdentityHint();
    const authenticator = new QSslPreSharedKeyAuthenticator(hint, 0, MAX_PRE_SHARED_KEY, identity);
    events.preSharedKeyRequired(authenticator, address);
    // No bytes end the handshake.
    return authenticator.preSharedKey().subarray(0, MAX_PRE_SHARED_KEY);
  }
}

function onSecured(this: tls.Server, socket: tls.TLSSocket): void {
  dismiss(this, socket)?.secured(socket);
}

function onUnsecured(this: tls.Server, error: Error, socket: tls.TLSSocket): void {
  dismiss(this, socket)?.unsecured(error);
}

/** The guest, who is let go of: the TLS socket keeps server and stream alive. */
function dismiss(server: tls.Server & Ticketed, socket: tls.TLSSocket): TlsGuest | undefined {
  const ticket = server[ticketOf] ?? (streamBelow(socket) as Ticketed | undefined)?.[ticketOf];
  const guest = ticket?.guest;
  if (ticket !== undefined) ticket.guest = undefined;
  return guest;
}

/** The stream that TLS goes over. */
function streamBelow(socket: tls.TLSSocket): Duplex | undefined {
  return Reflect.get(socket, '_parent') as Duplex | undefined;
}

import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { SocketError } from '../../network/qabstractsocket.ts';
import { QSslConfiguration } from '../../ssl/qsslconfiguration.ts';
import { PeerVerifyMode } from '../../ssl/qsslsocket.ts';
import { TlsVerdict } from '../../websockets/socket-backend.ts';
import type { SocketFailure } from '../socket-errors.ts';
import { TlsHandshake, type TlsEvents } from '../tls-handshake.ts';

/** Where a {@link ProxyTls} tells how it went. */
export interface ProxyTlsEvents {
  /** Whoever answers is the proxy; the stream is paused and has no listeners. */
  secured(stream: TLSSocket): void;
  /** There will be no TLS; all is closed. */
  broken(failure: SocketFailure): void;
}

/**
 * TLS on the way to a proxy. Its certificate is always verified, and nobody is asked: the
 * application's slots are there for its peer. Ends with the socket at the latest.
 */
export class ProxyTls implements TlsEvents {
  readonly #handshake: TlsHandshake;
  readonly #events: ProxyTlsEvents;

  /**
   * @param socket to the proxy; may be connecting.
   * @param host the name or address that the proxy's certificate has to bear.
   * @param configuration that of the connection to the peer.
   */
  constructor(
    socket: Socket,
    host: string,
    configuration: QSslConfiguration | undefined,
    events: ProxyTlsEvents,
  ) {
    this.#handshake = new TlsHandshake(socket, host, forProxy(configuration), this);
    this.#events = events;
  }

  start(): void {
    this.#handshake.start();
  }

  encrypted(): void {}

  verificationFailed(): TlsVerdict {
    return TlsVerdict.Refuse;
  }

  preSharedKeyRequired(): void {}

  alertReceived(): void {}

  secured(stream: TLSSocket): void {
    this.#events.secured(stream);
  }

  tlsFailed(failure: SocketFailure): void {
    this.#events.broken(isOfTls(failure.error) ? ofProxy(failure) : failure);
  }
}

/** What is meant for the peer alone stays out of it: the own certificate, ALPN, the session. */
function forProxy(configuration: QSslConfiguration | undefined): QSslConfiguration {
  const own = configuration?.clone() ?? QSslConfiguration.defaultConfiguration();
  own.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
  own.setLocalCertificateChain([]);
  own.setAllowedNextProtocols([]);
  own.setSessionTicket(new Uint8Array());
  return own;
}

function isOfTls(error: SocketError): boolean {
  return (
    error === SocketError.SslHandshakeFailedError || error === SocketError.SslInvalidUserDataError
  );
}

function ofProxy({ description, cause }: SocketFailure): SocketFailure {
  return {
    error: SocketError.ProxyProtocolError,
    description: `TLS to the proxy failed: ${description}`,
    cause,
  };
}

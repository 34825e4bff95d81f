import type { Duplex } from 'node:stream';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { MessageCoder } from '../session/wire.ts';
import type { AcceptedHandshake } from '../websockets/accepted-handshake.ts';
import { rememberRequest, type QHttpServerRequest } from '../websockets/qhttpserverrequest.ts';
import { adopt } from '../websockets/qwebsocket-base.ts';
import { QWebSocket } from './qwebsocket.ts';
import type { WireBackend } from './wire-backend.ts';

/** The compression that a server has agreed to. */
export interface AgreedCompression {
  /** As the answer names it. */
  readonly extensions: string;
  readonly coder: MessageCoder;
}

/** What a server has agreed to. */
export interface Agreement {
  /** '' for none. */
  readonly subprotocol: string;
  readonly compression?: AgreedCompression | undefined;
  /** The request as those know it who have decided about it. */
  readonly decided?: QHttpServerRequest | undefined;
}

/**
 * Makes the socket of a connection whose handshake a server has answered.
 *
 * What the peer sends waits until somebody takes the socket; `early` has come behind the request.
 *
 * @param sslConfiguration what is known of an encrypted connection.
 */
export function adoptStream(
  stream: Duplex,
  early: Buffer,
  handshake: AcceptedHandshake,
  { subprotocol, compression, decided }: Agreement,
  sslConfiguration?: QSslConfiguration,
): QWebSocket {
  const socket = new QWebSocket();
  // Every QWebSocket of this door has the backend that its constructor names.
  const backend = adopt(
    socket,
    handshake,
    subprotocol,
    sslConfiguration,
    compression?.extensions,
  ) as WireBackend;
  if (decided !== undefined) rememberRequest(socket, decided);
  backend.accept(stream, early, compression?.coder);
  return socket;
}

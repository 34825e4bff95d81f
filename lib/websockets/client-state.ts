import type { QNetworkProxy } from '../network/qnetworkproxy.ts';
import type { QNetworkRequest } from '../network/qnetworkrequest.ts';
import { DEFAULT_COMPRESSION, type CompressionSettings } from './compression-options.ts';
import type { QWebSocketHandshakeOptions } from './qwebsockethandshakeoptions.ts';
import type { HandshakeRefusal } from './socket-backend.ts';

/** What a QWebSocket knows as a client; the sockets of a server are many, and do without. */
export class ClientState {
  // What the next open() goes by.
  proxy: QNetworkProxy | undefined = undefined;
  isCompressionEnabled = false;
  compression: CompressionSettings = DEFAULT_COMPRESSION;

  /** Who opens the socket again when its connection is lost. */
  keeper: { left(): void } | undefined = undefined;

  // What the last one has opened.
  request: QNetworkRequest | undefined = undefined;
  options: QWebSocketHandshakeOptions | undefined = undefined;
  resourceName = '';
  peerName = '';
  isSecure = false;
  /** What the server has answered instead. */
  refusal: HandshakeRefusal | undefined = undefined;
}

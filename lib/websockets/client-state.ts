import type { QNetworkProxy } from '../network/qnetworkproxy.ts';
import type { QNetworkRequest } from '../network/qnetworkrequest.ts';
import { DEFAULT_COMPRESSION, type CompressionSettings } from './compression-options.ts';
import type { QWebSocketHandshakeOptions } from './qwebsockethandshakeoptions.ts';

/** What a QWebSocket knows as a client; the sockets of a server are many, and do without. */
export class ClientState {
  // What the next open() goes by.
  proxy: QNetworkProxy | undefined = undefined;
  isCompressionEnabled = false;
  compression: CompressionSettings = DEFAULT_COMPRESSION;

  // What the last one has opened.
  request: QNetworkRequest | undefined = undefined;
  options: QWebSocketHandshakeOptions | undefined = undefined;
  resourceName = '';
  peerName = '';
  isSecure = false;
}

import { createRequire } from 'node:module';
import { NativeBackend } from '../../lib/browser/native-backend.ts';
import type { NativeWebSocket } from '../../lib/browser/native-websocket.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { itBehavesLikeAQWebSocket } from '../support/socket-contract.ts';

// The one of the package ws has the shape of that of a page; Node has one since version 22.
const { WebSocket } = createRequire(import.meta.url)('ws') as {
  WebSocket: new (url: string, protocols: readonly string[]) => NativeWebSocket;
};

class Socket extends QWebSocketBase {
  constructor() {
    super('', 13, null, (events, settings) => {
      return new NativeBackend(events, settings, (url, names) => new WebSocket(url, names));
    });
  }
}

describe('QWebSocket (over a WebSocket of the platform)', () => {
  itBehavesLikeAQWebSocket(
    () => new Socket(),
    () => WsEchoPeer.start(),
  );
});

import { expect } from 'chai';
import { createRequire } from 'node:module';
import { NativeBackend } from '../../lib/browser/native-backend.ts';
import type { NativeWebSocket } from '../../lib/browser/native-websocket.ts';
import { QWebSocket } from '../../lib/browser/qwebsocket.ts';
import { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { FakeNativeWebSocket } from '../support/fake-native-websocket.ts';
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

describe('QWebSocket (browser)', () => {
  const platform = globalThis as { WebSocket?: unknown };
  const own = Object.getOwnPropertyDescriptor(platform, 'WebSocket');

  afterEach(() => {
    if (own === undefined) delete platform.WebSocket;
    else Object.defineProperty(platform, 'WebSocket', own);
  });

  function provide(value: unknown): void {
    Object.defineProperty(platform, 'WebSocket', { value, configurable: true });
  }

  it('opens the WebSocket that is there then', () => {
    const opened: FakeNativeWebSocket[] = [];
    provide(
      class extends FakeNativeWebSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          opened.push(this);
        }
      },
    );
    const socket = new QWebSocket();
    socket.open('wss://host/path');

    expect(opened.map(({ url }) => url)).to.deep.equal(['wss://host/path']);
    socket.abort();
  });

  it('says so where there is none', () => {
    provide(undefined);
    const socket = new QWebSocket('origin');
    socket.open('wss://host/');

    expect(socket.origin()).to.equal('origin');
    expect(socket.errorString()).to.equal(
      'Connection refused (browser: it opens no such socket, TypeError).',
    );
  });
});

import { expect } from 'chai';
import { NetWebSocket } from '../../lib/electron/net-websocket.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { FakeNet } from '../support/fake-net.ts';
import { partsOf } from '../support/words-of.ts';

const PROXY = new QNetworkProxy(QNetworkProxy.HttpProxy, 'proxy.example', 3128);

describe('pageRefusal(), for sockets that do not connect themselves,', () => {
  let opened: number;

  beforeEach(() => (opened = 0));

  afterEach(() => QNetworkProxy.setApplicationProxy(new QNetworkProxy(QNetworkProxy.NoProxy)));

  const sockets: Record<string, () => QWebSocketBase> = {
    "over Chromium's network": () => {
      const { WebSocket } = new FakeNet();
      const counting = {
        WebSocket: class extends WebSocket {
          constructor(url: string, options: never) {
            super(url, options);
            opened++;
          }
        },
      };
      return new NetWebSocket(counting);
    },
    'over a bridge': () =>
      new QWebSocket('', undefined, null, (_request, port) => {
        opened++;
        port.close();
      }),
  };
  for (const [what, make] of Object.entries(sockets)) {
    describe(what, () => {
      it('refuse a proxy of their own', () => {
        const socket = make();
        socket.setProxy(PROXY);
        socket.open('ws://127.0.0.1:9/');

        expect(socket.error()).to.equal(SocketError.UnsupportedSocketOperationError);
        expect(partsOf(socket.errorString())[1]).to.equal('proxy');
        expect(opened).to.equal(0);
      });

      it("refuse the application's proxy, unless they are told to do without", () => {
        QNetworkProxy.setApplicationProxy(PROXY);
        const socket = make();
        socket.open('ws://127.0.0.1:9/');
        expect(socket.error()).to.equal(SocketError.UnsupportedSocketOperationError);
        expect(opened).to.equal(0);

        socket.setProxy(new QNetworkProxy(QNetworkProxy.NoProxy));
        socket.open('ws://127.0.0.1:9/');
        expect(opened).to.equal(1);
        socket.abort();
      });

      for (const url of ['http://server.example/', 'ws+unix:/run/a.sock:/']) {
        it(`refuse ${url}`, () => {
          const socket = make();
          socket.open(url);

          expect(socket.error()).to.equal(SocketError.UnsupportedSocketOperationError);
          expect(opened).to.equal(0);
        });
      }
    });
  }
});

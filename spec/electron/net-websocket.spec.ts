import { expect } from 'chai';
import { NetWebSocket } from '../../lib/electron/net-websocket.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { Reconnector } from '../../lib/node/reconnector.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { WsEchoPeer } from '../support/echo-peer.ts';
import { emitted } from '../support/emitted.ts';
import { FakeNet } from '../support/fake-net.ts';
import { itReconnects } from '../support/reconnector-contract.ts';
import { itBehavesLikeAQWebSocket } from '../support/socket-contract.ts';

describe('NetWebSocket', () => {
  itBehavesLikeAQWebSocket(
    () => new NetWebSocket(new FakeNet()),
    () => WsEchoPeer.start(),
    { hearsWhileClosing: false },
  );

  itReconnects(
    (options) => new Reconnector(new NetWebSocket(new FakeNet()), options),
    () => WsEchoPeer.start(),
  );

  describe('asks Electron', () => {
    let net: FakeNet;
    let peer: WsEchoPeer;
    let socket: NetWebSocket | undefined;

    beforeEach(async () => {
      net = new FakeNet();
      peer = await WsEchoPeer.start();
    });

    afterEach(() => {
      socket?.abort();
      peer.stop();
    });

    async function open(
      made: NetWebSocket,
      request = new QNetworkRequest(peer.url),
      options = new QWebSocketHandshakeOptions(),
    ): Promise<void> {
      socket = made;
      const done = emitted(made.connected);
      made.open(request, options);
      await done;
    }

    it('for the session it was given', async () => {
      const session = {};
      await open(new NetWebSocket(net, { session, useSessionCookies: true }));

      expect(net.opened[0]?.options.session).to.equal(session);
      expect(net.opened[0]?.options.useSessionCookies).to.equal(true);
    });

    it('for nothing that was not wanted', async () => {
      await open(new NetWebSocket(net));

      expect(net.opened).to.deep.equal([{ url: peer.url, options: { headers: {} } }]);
    });

    it('to send an origin', async () => {
      await open(new NetWebSocket(net, {}, 'app://ui'));

      expect(peer.clients[0]?.request.headers.origin).to.equal('app://ui');
    });

    it('to send the origin of the request before its own', async () => {
      const request = new QNetworkRequest(peer.url);
      request.setRawHeader('Origin', 'app://other');
      await open(new NetWebSocket(net, {}, 'app://ui'), request);

      expect(peer.clients[0]?.request.headers.origin).to.equal('app://other');
    });

    it('to send headers, several values of a name as one', async () => {
      const request = new QNetworkRequest(peer.url);
      const headers = request.headers();
      headers.append('Authorization', 'Bearer 1');
      headers.append('X-Twice', 'a');
      headers.append('x-twice', 'b');
      request.setHeaders(headers);
      await open(new NetWebSocket(net), request);

      expect(peer.clients[0]?.request.headers).to.include({
        authorization: 'Bearer 1',
        'x-twice': 'a, b',
      });
    });

    it('to send no headers that belong to the handshake', async () => {
      const request = new QNetworkRequest(peer.url);
      const headers = request.headers();
      for (const name of ['Host', 'Connection', 'Upgrade', 'Sec-WebSocket-Key']) {
        headers.append(name, 'mine');
      }
      request.setHeaders(headers);
      await open(new NetWebSocket(net), request);

      expect(net.opened[0]?.options.headers).to.deep.equal({});
    });

    it('for subprotocols', async () => {
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['talk', 'chat']);
      await open(new NetWebSocket(net), undefined, options);

      expect(net.opened[0]?.options.protocols).to.deep.equal(['talk', 'chat']);
      expect(socket?.subprotocol()).to.equal('chat');
    });
  });

  it("tells Chromium's reason when it cannot connect", async () => {
    const peer = await WsEchoPeer.start();
    peer.stop();
    const socket = new NetWebSocket(new FakeNet());
    const failed = emitted(socket.errorOccurred);
    socket.open(peer.url);
    await failed;

    expect(socket.errorString()).to.include('ECONNREFUSED');
  });

  it('leaves proxies to the session', () => {
    const net = new FakeNet();
    const socket = new NetWebSocket(net);
    socket.setProxy(new QNetworkProxy(QNetworkProxy.HttpProxy, 'proxy.example', 3128));
    socket.open('ws://localhost/');

    expect(socket.error()).to.equal(SocketError.UnsupportedSocketOperationError);
    expect(net.opened).to.deep.equal([]);
  });

  it('says which Electron it needs', () => {
    expect(() => new NetWebSocket({} as FakeNet)).to.throw(TypeError, 'Electron 42.7');
  });
});

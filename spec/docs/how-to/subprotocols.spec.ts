import { expect } from 'chai';
import sinon from 'sinon';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { QWebSocketHandshakeOptions } from '../../../lib/websockets/qwebsockethandshakeoptions.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  openFeed(url: string): QWebSocket;
  feedServer(): QWebSocketServer;
  needsSubprotocol(server: QWebSocketServer): void;
  dispatch(
    server: QWebSocketServer,
    speakers: ReadonlyMap<string, (socket: QWebSocket) => void>,
  ): void;
}

const PAGE = 'docs/how-to/subprotocols.md';

describe(PAGE, () => {
  let code: Code;
  let server: QWebSocketServer;
  let socket: QWebSocket;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'versions.ts', 'strict.ts', 'dispatch.ts');
  });

  beforeEach(() => {
    sinon.stub(console, 'log');
    server = code.feedServer();
    server.listen('127.0.0.1', 0);
    socket = new QWebSocket();
  });

  afterEach(() => {
    sinon.restore();
    socket.abort();
    server.close();
  });

  function open(...subprotocols: string[]): void {
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(subprotocols);
    socket.open(server.serverUrl(), options);
  }

  it('agrees on what the client prefers', async () => {
    socket = code.openFeed(server.serverUrl().toString());
    await emitted(socket.connected);

    expect(socket.subprotocol()).to.equal('v2.feed.example');
    expect(server.nextPendingConnection()!.subprotocol()).to.equal('v2.feed.example');
  });

  it('refuses what has none', async () => {
    code.needsSubprotocol(server);
    server.addWebSocketUpgradeVerifier(server, () => QHttpServerWebSocketUpgradeResponse.accept());
    open('v3.feed.example', 'V1.feed.example');
    await emitted(socket.disconnected);
    expect(socket.errorString()).to.include('status 400');

    open('v3.feed.example', 'v1.feed.example');
    await emitted(socket.connected);
    expect(socket.subprotocol()).to.equal('v1.feed.example');
  });

  it('gives connections to whoever speaks their subprotocol', async () => {
    const speak = sinon.spy();
    code.dispatch(server, new Map([['a.example', speak]]));
    open('b.example', 'a.example');
    await emitted(socket.connected);
    sinon.assert.calledOnce(speak);

    open('b.example');
    await emitted(socket.disconnected);
    sinon.assert.calledOnce(speak);
  });
});

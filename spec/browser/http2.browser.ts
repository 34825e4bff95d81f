import { expect } from 'chai';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import type { Page } from 'playwright-core';
import { QWebSocketServer, type QWebSocket } from '../../lib/index.ts';
import { emitted } from '../support/emitted.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { showing } from '../support/secure-peer.ts';
import { Chromium } from './support/chromium.ts';

/** What a page says about a WebSocket of its own. */
interface Told {
  readonly texts: string[];
  readonly protocol: string;
  readonly extensions: string;
  readonly code: number;
  readonly reason: string;
}

describe('a page that came over HTTP/2', () => {
  const chromium = Chromium.forEachSpec({ stop });
  let page: Page;
  let http2: Http2SecureServer;
  let server: QWebSocketServer;
  let sessions: ServerHttp2Session[];
  let upgrades: number;
  let asked: string[];

  beforeEach(async () => {
    sessions = [];
    asked = [];
    upgrades = 0;
    http2 = createSecureServer({ ...showing('server'), allowHTTP1: true }, (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end('<!doctype html><title>Page</title>');
    });
    http2.on('session', (session) => sessions.push(session));
    http2.on('upgrade', () => upgrades++);
    http2.on('stream', (_, headers) => asked.push(String(headers[':protocol'])));
    server = new QWebSocketServer('Browser', QWebSocketServer.NonSecureMode);
    server.setSupportedSubprotocols(['chat']);
    server.setCompressionEnabled(true);
    server.attach(http2, { path: '/chat' });
    const port = await listenOnLoopback(http2);
    page = await chromium.open(`https://127.0.0.1:${port}/`, { ignoreHTTPSErrors: true });
  });

  function stop(): void {
    server[Symbol.dispose]();
    for (const session of sessions) session.destroy();
    http2.close();
  }

  /** Has the page open a WebSocket, say something, and close. */
  function converse(text: string): Promise<Told> {
    return page.evaluate(
      (said) =>
        new Promise<Told>((resolve) => {
          const socket = new WebSocket(`wss://${location.host}/chat`, ['chat']);
          const texts: string[] = [];
          socket.onopen = () => socket.send(said);
          socket.onmessage = ({ data }) => {
            texts.push(String(data));
            socket.close(4001, 'Done');
          };
          socket.onclose = ({ code, reason }) => {
            const { protocol, extensions } = socket;
            resolve({ texts, protocol, extensions, code, reason });
          };
        }),
      text,
    );
  }

  async function echo(): Promise<[socket: QWebSocket, port: number]> {
    await emitted(server.newConnection);
    const socket = server.nextPendingConnection()!;
    socket.textMessageReceived.connect((text) => socket.sendTextMessage(text));
    return [socket, socket.peerPort()];
  }

  it('has its WebSocket on a stream of the same connection', async () => {
    const [told, [socket, port]] = await Promise.all([converse('Hällo 👋'), echo()]);

    expect(told.texts).to.deep.equal(['Hällo 👋']);
    expect(told.protocol).to.equal('chat');
    expect(told.extensions).to.contain('permessage-deflate');
    expect([told.code, told.reason]).to.deep.equal([4001, 'Done']);
    expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4001, 'Done']);
    expect(asked.filter((protocol) => protocol === 'websocket')).to.have.lengthOf(1);
    expect([upgrades, sessions.length]).to.deep.equal([0, 1]);
    expect(port).to.equal(sessions[0]!.socket.remotePort);
    expect(socket.origin()).to.equal(await page.evaluate(() => location.origin));
  });

  it('has all of its WebSockets there, and they do not wait for each other', async () => {
    const count = 20;
    server.newConnection.connect(() => {
      const socket = server.nextPendingConnection()!;
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(text));
    });

    const told = await Promise.all(
      Array.from({ length: count }, (_, i) => converse('x'.repeat(10_000 * i + 1))),
    );

    expect(told.map(({ texts }) => texts[0]!.length)).to.deep.equal(
      Array.from({ length: count }, (_, i) => 10_000 * i + 1),
    );
    expect([upgrades, sessions.length]).to.deep.equal([0, 1]);
  });

  it('hears of a refusal', async () => {
    server.setMaxPendingConnections(0);

    const { texts, code } = await converse('anybody there?');

    expect([texts, code]).to.deep.equal([[], 1006]);
    expect(chromium.takeFaults().join()).to.include('Unexpected response code: 503');
    expect(asked).to.include('websocket');
  });
});

import { expect } from 'chai';
import type { Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import { emitted } from '../../support/emitted.ts';
import { listenOnLoopback } from '../../support/ports.ts';
import { identified } from '../../support/secure-client.ts';
import { pem, trusting } from '../../support/secure-peer.ts';
import { exportsOf } from '../support/page-module.ts';

interface Client {
  openFeed(socket: QWebSocket, url: string): void;
}

interface Server {
  listen(configuration: QSslConfiguration): QWebSocketServer;
}

interface Attached {
  readonly server: QWebSocketServer;
  listen(key: Buffer, cert: Buffer): Http2SecureServer;
}

const PAGE = 'docs/how-to/http2.md';

describe(PAGE, function () {
  this.timeout(60_000);
  let client: Client;
  let sockets: QWebSocket[];

  before(async () => {
    client = await exportsOf<Client>(PAGE, 'http2-client.ts');
  });

  beforeEach(() => {
    sockets = Array.from({ length: 2 }, () => new QWebSocket());
    for (const socket of sockets) socket.setSslConfiguration(trusting());
  });

  afterEach(() => {
    for (const socket of sockets) socket.abort();
  });

  /** From which ports the sockets come, when they are open, and over what protocol. */
  async function open(url: string): Promise<[ports: Set<number>, protocols: Set<string>]> {
    const connected = Promise.all(sockets.map((socket) => emitted(socket.connected)));
    for (const socket of sockets) client.openFeed(socket, url);
    await connected;
    return [
      new Set(sockets.map((socket) => socket.localPort())),
      new Set(sockets.map((socket) => socket.sslConfiguration().nextNegotiatedProtocol())),
    ];
  }

  it('has a client and a server that share one connection', async () => {
    const { listen } = await exportsOf<Server>(PAGE, 'http2-server.ts');
    const server = listen(identified());

    const [ports, protocols] = await open(server.serverUrl().toString());

    expect([ports.size, [...protocols]]).to.deep.equal([1, ['h2']]);
    server[Symbol.dispose]();
  });

  it('has a server that shares the port of pages', async () => {
    const { server, listen } = await exportsOf<Attached>(PAGE, 'http2-attached.ts');
    const pages = listen(Buffer.from(pem('server.key')), Buffer.from(pem('server.crt')));
    await listenOnLoopback(pages);

    const [ports, protocols] = await open(
      `wss://127.0.0.1:${(pages.address() as AddressInfo).port}/feed`,
    );

    expect([ports.size, [...protocols]]).to.deep.equal([1, ['h2']]);
    server[Symbol.dispose]();
    pages.close();
  });
});

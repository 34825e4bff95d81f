import { expect } from 'chai';
import { createSecureServer, type Http2SecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { resetStream } from '../../lib/node/http2-socket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QHttpServerRequest } from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { UpgradeData } from '../../lib/websockets/upgrade-data.ts';
import { emitted } from '../support/emitted.ts';
import { Http2Client, textOf } from '../support/http2-client.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { identified } from '../support/secure-client.ts';
import { showing } from '../support/secure-peer.ts';

const { accept, deny } = QHttpServerWebSocketUpgradeResponse;

describe('paths and verifiers over HTTP/2', () => {
  let front: QWebSocketServer;
  let rooms: QWebSocketServer;
  let client: Http2Client;

  beforeEach(async () => {
    front = new QWebSocketServer('Front', SslMode.SecureMode);
    const configuration = identified();
    configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
    front.setSslConfiguration(configuration);
    rooms = new QWebSocketServer('Rooms', SslMode.SecureMode);
    rooms.attach(front, { path: '/rooms/<room>' });
    front.listen(QHostAddress.LocalHost);
    client = await Http2Client.connect(front.serverPort());
  });

  afterEach(() => {
    client.close();
    for (const server of [front, rooms]) server[Symbol.dispose]();
  });

  it('give each stream to the server that has its path', async () => {
    const inside = await client.ask({ ':path': '/rooms/caf%C3%A9?x' });
    const outside = await client.ask({ ':path': '/rooms' });

    expect([inside.headers['server'], outside.headers['server']]).to.deep.equal(['Rooms', 'Front']);
    const socket = rooms.nextPendingConnection()!;
    expect(QHttpServerRequest.of(socket)?.parameter('room')).to.equal('café');
    expect(socket.requestUrl().path()).to.equal('/rooms/café');
    expect(front.nextPendingConnection()?.requestUrl().path()).to.equal('/rooms');
  });

  it('answer 400 to parameters that cannot be read', async () => {
    expect((await client.ask({ ':path': '/rooms/%2e%2e' })).status).to.equal(400);
  });

  it('count a stream for the server that has its path, and for no other', async () => {
    front.setMaxConnections(1);
    rooms.setMaxConnections(1);

    const statuses = [];
    for (const path of ['/rooms/a', '/rooms/b', '/']) {
      statuses.push((await client.ask({ ':path': path })).status);
    }

    expect(statuses).to.deep.equal([200, 503, 200]);
    expect([front, rooms].map((server) => server.statistics().accepted)).to.deep.equal([1, 2]);
    const gone = emitted(rooms.nextPendingConnection()!.disconnected);
    client.close();
    await gone;
    client = await Http2Client.connect(front.serverPort());
    expect((await client.ask({ ':path': '/rooms/c' })).status).to.equal(200);
  });

  it('accept later, with a subprotocol, headers and what was learned', async () => {
    const users = new UpgradeData<string>();
    rooms.addWebSocketUpgradeVerifier(rooms, async (request) => {
      await setImmediate();
      users.set(request, request.value('authorization'));
      const subprotocol = request.subprotocols().at(-1);
      return accept({ subprotocol, headers: { 'X-Own': 'v', Connection: 'x' } });
    });

    const answer = await client.ask({
      ':path': '/rooms/a',
      authorization: 'Bearer me',
      'sec-websocket-protocol': 'a, b',
    });

    expect(answer.status).to.equal(200);
    expect(answer.headers).to.include({ 'x-own': 'v', 'sec-websocket-protocol': 'b' });
    expect(answer.headers).to.not.have.property('connection');
    const socket = rooms.nextPendingConnection()!;
    expect(users.of(socket)).to.equal('Bearer me');
    expect(socket.subprotocol()).to.equal('b');
  });

  it('cannot set what HTTP/2 says in the place of a status line', async () => {
    rooms.addWebSocketUpgradeVerifier(rooms, () => accept({ headers: { ':status': '404' } }));

    expect((await client.ask({ ':path': '/rooms/a' })).status).to.equal(500);
  });

  it('deny with status, headers and body', async () => {
    rooms.addWebSocketUpgradeVerifier(rooms, () =>
      deny(429, 'Slowly', { headers: { 'Retry-After': '5', Connection: 'x' }, body: 'é' }),
    );

    const { status, headers, stream } = await client.ask({ ':path': '/rooms/a' });

    expect(status).to.equal(429);
    expect(headers['retry-after']).to.equal('5');
    expect(await textOf(stream)).to.equal('é');
  });

  it('answer 503 when nobody decides in time', async () => {
    rooms.setHandshakeTimeout(10);
    rooms.addWebSocketUpgradeVerifier(rooms, () => new Promise(() => {}));

    expect((await client.ask({ ':path': '/rooms/a' })).status).to.equal(503);
  });

  it('forget a stream that was reset while somebody decides', async () => {
    let answer: (response: QHttpServerWebSocketUpgradeResponse) => void = () => {};
    const asked = new Promise<void>((resolve) => {
      rooms.addWebSocketUpgradeVerifier(rooms, () => {
        resolve();
        return new Promise((keep) => (answer = keep));
      });
    });
    const stream = client.request({ ':path': '/rooms/a' });
    await asked;
    resetStream(stream);
    while (rooms.statistics().handshaking > 0) await setImmediate();

    answer(accept());
    await setImmediate();

    expect(rooms.hasPendingConnections()).to.equal(false);
    expect(rooms.statistics().refused.left).to.equal(1);
    expect((await client.ask({ ':path': '/' })).status).to.equal(200);
  });

  it('keep the connections of a server when the one that listens closes', async () => {
    const { stream } = await client.ask({ ':path': '/rooms/a' });
    const socket = rooms.nextPendingConnection()!;

    front.close();
    stream.write(Buffer.from('81850000000068656c6c6f', 'hex'));

    expect(await emitted(socket.textMessageReceived)).to.deep.equal(['hello']);
  });

  it('work on an HTTP server, too', async () => {
    const http2: Http2SecureServer = createSecureServer(showing('server'), (_, response) =>
      response.end(),
    );
    rooms.attach(http2, { path: '/rooms/<room>' });
    await listenOnLoopback(http2);
    const other = await Http2Client.connect((http2.address() as AddressInfo).port);

    const statuses = [];
    for (const path of ['/rooms/a', '/rooms/%zz', '/rooms']) {
      statuses.push((await other.ask({ ':path': path })).status);
    }

    expect(statuses).to.deep.equal([200, 400, 404]);
    const socket = rooms.nextPendingConnection()!;
    expect(QHttpServerRequest.of(socket)?.parameter('room')).to.equal('a');
    other.close();
    http2.close();
  });
});

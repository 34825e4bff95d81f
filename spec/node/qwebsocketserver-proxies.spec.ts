import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { OutgoingHttpHeaders } from 'node:http2';
import { connect as connectTcp, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { duplexPair } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { restore, useFakeTimers } from 'sinon';
import { ForwardedHeader } from '../../lib/network/forwarded-header.ts';
import { SpecialAddress } from '../../lib/network/qhostaddress.ts';
import type { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import type { QSslPreSharedKeyAuthenticator } from '../../lib/ssl/qsslpresharedkeyauthenticator.ts';
import { CloseCode } from '../../lib/websockets/qwebsocketprotocol.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { clientHello } from '../support/client-hello.ts';
import { emitted } from '../support/emitted.ts';
import { Http2Client } from '../support/http2-client.ts';
import { hex } from '../support/hex.ts';
import { hasLocalSockets, LocalPath } from '../support/local-path.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { identified, sharingKey } from '../support/secure-client.ts';
import { pem } from '../support/secure-peer.ts';

const SIGNATURE = '0D0A0D0A000D0A515549540A';
// From 198.51.100.1:4711 to 203.0.113.1:443.
const HEADER = hex(`${SIGNATURE} 21 11 000C C6336401 CB007101 1267 01BB`);
const LOCAL = hex(`${SIGNATURE} 20 00 0000`);
const LINE = 'PROXY TCP4 198.51.100.1 203.0.113.1 4711 443\r\n';

// RFC 6455 §5.7.
const HELLO = hex('81 85 37 fa 21 3d 7f 9f 4d 51 58');

describe('QWebSocketServer behind proxies', () => {
  let server: QWebSocketServer;
  let clients: RawClient[];
  let errors: [code: CloseCode, text: string][];

  beforeEach(() => {
    clients = [];
    use(new QWebSocketServer('Test'));
  });

  afterEach(() => {
    restore();
    server[Symbol.dispose]();
    for (const { socket } of clients) socket.destroy();
  });

  function use(other: QWebSocketServer): void {
    server = other;
    errors = [];
    server.serverError.connect((code) => errors.push([code, server.errorString()]));
  }

  async function connect(localAddress?: string): Promise<RawClient> {
    if (!server.isListening()) server.listen('127.0.0.1');
    const client = await RawClient.connect(server.serverPort(), '127.0.0.1', localAddress);
    clients.push(client);
    return client;
  }

  /** The socket of a client that has said `words`. */
  async function accepted(...words: (string | Uint8Array)[]): Promise<QWebSocket> {
    const connected = emitted(server.newConnection);
    const client = await connect();
    for (const each of words) client.write(each);
    await connected;
    return server.nextPendingConnection()!;
  }

  function peerOf(socket: QWebSocket): string {
    return `${socket.peerAddress().toString()} ${socket.peerPort()}`;
  }

  function localOf(socket: QWebSocket): string {
    return `${socket.localAddress().toString()} ${socket.localPort()}`;
  }

  function from(forwarded: string, more: Record<string, string> = {}): string {
    return upgradeRequest({ 'X-Forwarded-For': forwarded, ...more });
  }

  /** What a client is answered. */
  async function answerTo(words: string | Uint8Array): Promise<string> {
    const client = await connect();
    client.write(words);
    return client.ended();
  }

  describe('setTrustedProxies()', () => {
    it('trusts nobody by default', async () => {
      const socket = await accepted(
        from('198.51.100.1', { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'a.example' }),
      );

      expect(server.trustedProxies()).to.deep.equal([]);
      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
      expect(socket.requestUrl().toString()).to.equal('ws://127.0.0.1/');
    });

    it('keeps what it is given', () => {
      server.setTrustedProxies(['127.0.0.1', '10.0.0.0/8'], ForwardedHeader.Forwarded);

      expect(server.trustedProxies()).to.deep.equal(['127.0.0.1', '10.0.0.0/8']);
      expect(server.forwardedHeader()).to.equal(ForwardedHeader.Forwarded);
      server.setTrustedProxies([]);
      expect(server.trustedProxies()).to.deep.equal([]);
      expect(server.forwardedHeader()).to.equal(ForwardedHeader.XForwardedFor);
    });

    it('changes nothing when it is given what is no address', () => {
      server.setTrustedProxies(['127.0.0.1']);

      expect(() => server.setTrustedProxies(['gateway.example'])).to.throw(TypeError);
      expect(server.trustedProxies()).to.deep.equal(['127.0.0.1']);
    });

    it('makes the client of a trusted proxy the peer', async () => {
      server.setTrustedProxies(['127.0.0.0/8', '10.0.0.0/8']);

      expect(peerOf(await accepted(from('6.6.6.6, 198.51.100.1:4711, 10.0.0.1')))).to.equal(
        '198.51.100.1 4711',
      );
      expect(peerOf(await accepted(from('2001:db8::1')))).to.equal('2001:db8::1 0');
    });

    it('leaves the port open that the proxy does not say, and the local end as it is', async () => {
      server.setTrustedProxies(['127.0.0.1']);

      const socket = await accepted(from('198.51.100.1'));

      expect(peerOf(socket)).to.equal('198.51.100.1 0');
      expect(localOf(socket)).to.equal(`127.0.0.1 ${server.serverPort()}`);
    });

    it('remembers the client when the connection is gone', async () => {
      server.setTrustedProxies(['127.0.0.1']);
      const socket = await accepted(from('198.51.100.1'));
      const told: string[] = [];
      socket.errorOccurred.connect(() => told.push(peerOf(socket), socket.errorString()));

      clients[0]!.socket.resetAndDestroy();
      await emitted(socket.disconnected);

      expect(told[0]).to.equal('198.51.100.1 0');
      expect(told[1]).to.include('198.51.100.1');
    });

    it('leaves the peers of other connections as they are', async () => {
      server.setTrustedProxies(['10.0.0.1']);

      expect((await accepted(from('198.51.100.1'))).peerAddress().toString()).to.equal('127.0.0.1');
    });

    it('believes a proxy whose address comes mapped into IPv6', async function () {
      if (!server.listen(SpecialAddress.Any) || server.serverAddress().toString() !== '0.0.0.0') {
        this.skip();
      }
      server.setTrustedProxies(['127.0.0.1']);

      expect(peerOf(await accepted(from('198.51.100.1')))).to.equal('198.51.100.1 0');
    });

    it('reads Forwarded alone when it is told so', async () => {
      server.setTrustedProxies(['127.0.0.1'], ForwardedHeader.Forwarded);

      const socket = await accepted(
        from('6.6.6.6', {
          Forwarded: 'for="[2001:db8::1]:4711";proto=https;host="a.example:8443"',
        }),
      );

      expect(peerOf(socket)).to.equal('2001:db8::1 4711');
      expect(socket.requestUrl().toString()).to.equal('wss://a.example:8443/');
    });

    it('reads no header when it is told so', async () => {
      server.setTrustedProxies(['127.0.0.1'], ForwardedHeader.None);

      const socket = await accepted(from('6.6.6.6', { Forwarded: 'for=6.6.6.7' }));

      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
    });

    it('has the URL of the request as the client has asked for it, and its headers as they came', async () => {
      server.setTrustedProxies(['127.0.0.1']);

      const socket = await accepted(
        upgradeRequest(
          {
            'X-Forwarded-For': '198.51.100.1',
            'X-Forwarded-Proto': 'https',
            'X-Forwarded-Host': 'a.example',
          },
          'GET /feed?x=1 HTTP/1.1',
        ),
      );

      expect(socket.requestUrl().toString()).to.equal('wss://a.example/feed?x=1');
      expect(socket.request().url().toString()).to.equal('wss://a.example/feed?x=1');
      expect(socket.request().rawHeader('Host')).to.equal('127.0.0.1');
    });

    it('compares origins with the host that the client has asked for', async () => {
      server.setTrustedProxies(['127.0.0.1']);
      const rebound = { 'X-Forwarded-Host': 'evil.example', Origin: 'http://localhost' };

      expect(await answerTo(from('198.51.100.1', rebound))).to.match(/^HTTP\/1\.1 403 /);
      expect(errors).to.have.lengthOf(1);
      expect(errors[0]![0]).to.equal(CloseCode.CloseCodePolicyViolated);
      expect(errors[0]![1]).to.include('198.51.100.1');
    });

    it('asks for a good Host nevertheless', async () => {
      server.setTrustedProxies(['127.0.0.1']);

      const request = from('198.51.100.1', { 'X-Forwarded-Host': 'a.example', Host: 'a b' });

      expect(await answerTo(request)).to.match(/^HTTP\/1\.1 400 /);
    });

    it('holds for the requests of an HTTP server', async () => {
      const http: Server = createServer();
      await listenOnLoopback(http);
      server.setTrustedProxies(['127.0.0.1']);
      server.setMaxConnectionsPerAddress(1);
      server.attach(http);
      try {
        const socket = await accepted(from('198.51.100.1', { 'X-Forwarded-Proto': 'https' }));

        expect(peerOf(socket)).to.equal('198.51.100.1 0');
        expect(socket.requestUrl().scheme()).to.equal('wss');
        expect(await answerTo(from('198.51.100.1'))).to.match(/^HTTP\/1\.1 503 /);
      } finally {
        server.detach();
        http.close();
      }
    });

    it('holds for the servers that are attached', async () => {
      const attached = new QWebSocketServer('Attached');
      server.setTrustedProxies(['127.0.0.1']);
      attached.setMaxConnectionsPerAddress(1);
      attached.attach(server, { path: '/feed' });
      const connected = emitted(attached.newConnection);
      const client = await connect();
      client.write(from('198.51.100.1').replace('GET / ', 'GET /feed '));
      await connected;

      const second = await answerTo(from('198.51.100.1').replace('GET / ', 'GET /feed '));
      const peer = peerOf(attached.nextPendingConnection()!);
      attached[Symbol.dispose]();

      expect(peer).to.equal('198.51.100.1 0');
      expect(second).to.match(/^HTTP\/1\.1 503 /);
      expect(peerOf(await accepted(from('198.51.100.1')))).to.equal('198.51.100.1 0');
    });

    it('holds over TLS', async () => {
      use(new QWebSocketServer('Test', SslMode.SecureMode));
      server.setSslConfiguration(identified());
      server.setTrustedProxies(['127.0.0.1']);
      server.setMaxConnectionsPerAddress(1);
      const [first, second] = [await connect(), await connect()].map(({ socket }) => {
        const client = new RawClient(connectTls({ socket, ca: pem('ca.crt'), host: '127.0.0.1' }));
        clients.push(client);
        return client;
      });
      const connected = emitted(server.newConnection);

      first!.write(from('198.51.100.1', { 'X-Forwarded-Proto': 'http' }));
      await connected;
      const socket = server.nextPendingConnection()!;
      second!.write(from('198.51.100.1'));

      expect(peerOf(socket)).to.equal('198.51.100.1 0');
      expect(socket.requestUrl().scheme()).to.equal('ws');
      expect(await second!.ended()).to.match(/^HTTP\/1\.1 503 /);
    });

    describeWithLocalSockets('unix:', () => {
      it('does not stand for a peer that was reset, and is not known for that', async () => {
        server.setTrustedProxies(['unix:']);
        const [client, reset] = duplexPair();
        const connected = emitted(server.newConnection);
        server.handleConnection(Object.assign(reset, { localAddress: '127.0.0.1' }));
        client.write(from('6.6.6.6'));
        await connected;

        expect(server.nextPendingConnection()!.peerAddress().isNull()).to.equal(true);
      });

      it('stands for peers that come by a Unix-domain socket', async () => {
        const local = new LocalPath();
        server.listenLocal(local.path);
        server.setTrustedProxies(['unix:']);
        const connected = emitted(server.newConnection);
        const client = new RawClient(connectTcp(local.path));
        clients.push(client);
        client.write(from('198.51.100.1'));
        await connected;
        local.remove();

        expect(peerOf(server.nextPendingConnection()!)).to.equal('198.51.100.1 0');
      });
    });
  });

  describe('over HTTP/2', () => {
    let session: Http2Client;

    beforeEach(() => {
      use(new QWebSocketServer('Test', SslMode.SecureMode));
      const configuration = identified();
      configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
      server.setSslConfiguration(configuration);
      server.setTrustedProxies(['127.0.0.1']);
      server.listen('127.0.0.1');
    });

    afterEach(() => {
      session.close();
    });

    /** Asks for a WebSocket; the status of the answer. */
    async function ask(headers: OutgoingHttpHeaders): Promise<number | undefined> {
      return (await session.ask(headers)).status;
    }

    it('has a client for each stream of a proxy, and counts it', async () => {
      server.setMaxConnectionsPerAddress(1);
      session = await Http2Client.connect(server.serverPort());
      const statuses = [
        await ask({ 'x-forwarded-for': '6.6.6.6, 198.51.100.1', 'x-forwarded-proto': 'http' }),
        await ask({ 'x-forwarded-for': '198.51.100.2', 'x-forwarded-host': 'a.example' }),
        await ask({ 'x-forwarded-for': '198.51.100.1' }),
      ];
      const [first, second] = [server.nextPendingConnection()!, server.nextPendingConnection()!];

      expect(statuses).to.deep.equal([200, 200, 503]);
      expect([peerOf(first), peerOf(second)]).to.deep.equal(['198.51.100.1 0', '198.51.100.2 0']);
      expect(first.requestUrl().toString()).to.equal('ws://localhost/chat');
      expect(second.requestUrl().toString()).to.equal('wss://a.example/chat');
      expect(errors[0]![1]).to.include('status 503 to 198.51.100.1');
    });

    it('makes the ends of all streams those that the PROXY protocol says', async () => {
      server.setTrustedProxies(['127.0.0.1'], ForwardedHeader.None);
      server.setProxyProtocolEnabled(true);
      const { socket } = await connect();
      socket.write(HEADER);
      session = await Http2Client.connect(server.serverPort(), {
        createConnection: () =>
          connectTls({ socket, ca: pem('ca.crt'), host: '127.0.0.1', ALPNProtocols: ['h2'] }),
      });
      await ask({ 'x-forwarded-for': '6.6.6.6' });
      await ask({});

      for (let i = 0; i < 2; i++) {
        const each = server.nextPendingConnection()!;
        expect(peerOf(each)).to.equal('198.51.100.1 4711');
        expect(localOf(each)).to.equal('203.0.113.1 443');
      }
    });
  });

  describe('setMaxConnectionsPerAddress()', () => {
    beforeEach(() => {
      server.setTrustedProxies(['127.0.0.1']);
      server.setMaxConnectionsPerAddress(2);
    });

    it('counts the clients behind a trusted proxy, and not the proxy', async () => {
      for (const client of ['198.51.100.1', '198.51.100.1', '198.51.100.2', '2001:db8::1']) {
        await accepted(from(client));
      }
      for (let i = 0; i < 3; i++) await connect();
      await accepted(from('2001:db8::2'));
      expect(errors).to.deep.equal([]);

      const answers = [
        await answerTo(from('198.51.100.1:4711')),
        await answerTo(from('2001:db8::3')),
      ];

      for (const answer of answers) expect(answer).to.match(/^HTTP\/1\.1 503 /);
      expect(errors).to.deep.equal([
        [
          CloseCode.CloseCodeAbnormalDisconnection,
          'Too many connections from one address. (HTTP: status 503 to 198.51.100.1:4711.)',
        ],
        [
          CloseCode.CloseCodeAbnormalDisconnection,
          'Too many connections from one address. (HTTP: status 503 to [2001:db8::3].)',
        ],
      ]);
    });

    it('makes room when a client has left', async () => {
      const [first] = [await accepted(from('198.51.100.1')), await accepted(from('198.51.100.1'))];
      const gone = emitted(first.disconnected);
      clients[0]!.socket.destroy();
      await gone;

      await accepted(from('198.51.100.1'));

      expect(errors).to.deep.equal([]);
    });

    it('counts those whom the proxy hides as the proxy', async () => {
      await accepted(from('unknown'));
      await accepted(upgradeRequest());

      expect(await answerTo(from('unknown'))).to.match(/^HTTP\/1\.1 503 /);
    });

    it('counts other clients when they come', async () => {
      server.setTrustedProxies(['10.0.0.1']);
      await connect();
      await connect();

      expect(await (await connect()).ended()).to.match(/^HTTP\/1\.1 503 /);
    });
  });

  describe('setMaxPendingHandshakes()', () => {
    it('has the client give way that takes more than half, and not the proxy', async () => {
      server.setTrustedProxies(['127.0.0.1']);
      server.setMaxPendingHandshakes(3);
      const asked: string[] = [];
      server.addWebSocketUpgradeVerifier(server, (request) => {
        asked.push(request.remoteAddress().toString());
        return new Promise(() => {});
      });
      for (const client of ['198.51.100.1', '198.51.100.2', '198.51.100.1']) {
        (await connect()).write(from(client));
      }
      while (asked.length < 3) await setImmediate();
      expect(asked).to.have.members(['198.51.100.1', '198.51.100.2', '198.51.100.1']);

      await connect();

      expect(await clients[0]!.ended()).to.equal('');
      expect(clients[1]!.socket.destroyed).to.equal(false);
      expect(errors).to.deep.equal([]);
    });
  });

  describe('statistics()', () => {
    it('add up', async () => {
      server.setTrustedProxies(['127.0.0.1']);
      server.setProxyProtocolEnabled(true);
      server.setMaxConnectionsPerAddress(1);
      await accepted(HEADER, upgradeRequest());
      await answerTo(HEADER);
      await answerTo('GET / HTTP/1.1\r\n');

      const { accepted: all, opened, handshaking, refused } = server.statistics();

      expect([all, opened, handshaking]).to.deep.equal([3, 1, 0]);
      expect([refused.tooManyFromOneAddress, refused.proxy]).to.deep.equal([1, 1]);
    });
  });

  describe('setProxyProtocolEnabled()', () => {
    beforeEach(() => {
      server.setTrustedProxies(['127.0.0.1']);
      server.setProxyProtocolEnabled(true);
    });

    it('is off by default', () => {
      expect(server.isProxyProtocolEnabled()).to.equal(true);
      expect(new QWebSocketServer().isProxyProtocolEnabled()).to.equal(false);
    });

    for (const [version, header] of [
      [1, LINE],
      [2, HEADER],
    ] as const) {
      it(`makes the ends those that version ${version} says`, async () => {
        const socket = await accepted(header, from('6.6.6.6'));

        expect(peerOf(socket)).to.equal('198.51.100.1 4711');
        expect(localOf(socket)).to.equal('203.0.113.1 443');
      });
    }

    it('loses nothing that comes together with the header', async () => {
      const connected = emitted(server.newConnection);
      const client = await connect();
      client.write(Buffer.concat([HEADER, Buffer.from(upgradeRequest()), HELLO]));
      await connected;
      const message = emitted(server.nextPendingConnection()!.textMessageReceived);

      expect(await message).to.deep.equal(['Hello']);
    });

    it('takes it byte by byte', async () => {
      const connected = emitted(server.newConnection);
      server.listen('127.0.0.1');
      const [ours, theirs] = duplexPair();
      server.setTrustedProxies(['unix:']);
      server.handleConnection(theirs);
      for (const byte of Buffer.concat([HEADER, Buffer.from(upgradeRequest())])) {
        ours.write(Buffer.of(byte));
      }
      await connected;

      expect(peerOf(server.nextPendingConnection()!)).to.equal('198.51.100.1 4711');
    });

    it('leaves the ends as they are when the proxy speaks for itself', async () => {
      const socket = await accepted(LOCAL, upgradeRequest());

      expect(socket.peerAddress().toString()).to.equal('127.0.0.1');
      expect(socket.peerPort()).to.equal(clients[0]!.socket.localPort);
      expect(localOf(socket)).to.equal(`127.0.0.1 ${server.serverPort()}`);
    });

    it('believes the header of a client that is a trusted proxy itself', async () => {
      server.setTrustedProxies(['127.0.0.1', '198.51.100.1']);

      const socket = await accepted(HEADER, from('203.0.113.9'));

      expect(peerOf(socket)).to.equal('203.0.113.9 0');
      expect(localOf(socket)).to.equal('203.0.113.1 443');
    });

    it('cuts who is no trusted proxy', async function () {
      if (process.platform !== 'linux') this.skip();
      const client = await connect('127.0.0.2');
      const { localPort } = client.socket;
      client.write(HEADER);
      client.write(upgradeRequest());

      expect(await client.ended()).to.equal('');
      expect(errors).to.deep.equal([
        [
          CloseCode.CloseCodePolicyViolated,
          `Access forbidden. (proxy: 127.0.0.2:${localPort} is no trusted proxy.)`,
        ],
      ]);
    });

    it('says nothing of who connects and is gone, as health checks are', async () => {
      const reset = Object.assign(duplexPair()[0], { localAddress: '127.0.0.1' });

      server.handleConnection(reset);

      expect(reset.destroyed).to.equal(true);
      expect(errors).to.deep.equal([]);
    });

    it('cuts everybody when no proxy is trusted', async () => {
      server.setTrustedProxies([]);

      expect(await answerTo(HEADER)).to.equal('');
      expect(errors).to.have.lengthOf(1);
    });

    it('cuts who does not begin with it, and says why', async () => {
      const client = await connect();
      const { localPort } = client.socket;
      client.write(upgradeRequest());

      expect(await client.ended()).to.equal('');
      expect(errors).to.deep.equal([
        [
          CloseCode.CloseCodeProtocolError,
          `The PROXY header is invalid. (proxy: no PROXY header from 127.0.0.1:${localPort}.)`,
        ],
      ]);
    });

    it('cuts who ends within it, and says nothing', async () => {
      const client = await connect();
      client.write(HEADER.subarray(0, 20));
      client.socket.end();

      expect(await client.ended()).to.equal('');
      expect(errors).to.deep.equal([]);
    });

    it('gives header, TLS and request one time together', async () => {
      const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
      server.setHandshakeTimeout(1000);
      server.setTrustedProxies(['unix:']);
      const silent = duplexPair();
      const slow = duplexPair();
      for (const [, theirs] of [silent, slow]) server.handleConnection(theirs);
      const answered = once(slow[0], 'data') as Promise<[Buffer]>;
      clock.tick(600);
      slow[0].write(HEADER);
      await once(slow[1], 'data');
      clock.tick(399);
      expect(silent[1].destroyed).to.equal(false);

      clock.tick(1);

      expect(silent[1].destroyed).to.equal(true);
      expect((await answered)[0].toString('latin1')).to.match(/^HTTP\/1\.1 408 /);
      expect(errors).to.deep.equal([]);
    });

    it('counts as a handshake that is under way', async () => {
      server.setMaxPendingHandshakes(1);
      const silent = await connect();

      expect(await (await connect()).ended()).to.equal('');
      expect(errors[0]![1]).to.match(/^Too many pending handshakes\./);
      silent.write(HEADER);
      silent.write(upgradeRequest());
      expect(await silent.hears('\r\n\r\n')).to.match(/^HTTP\/1\.1 101 /);
    });

    it('counts the clients of the proxy, and not the proxy', async () => {
      server.setMaxConnectionsPerAddress(1);
      for (let i = 0; i < 3; i++) await connect();
      await accepted(HEADER, upgradeRequest());
      await accepted(LINE.replace('100.1', '100.2'), upgradeRequest());

      expect(await answerTo(LINE)).to.match(/^HTTP\/1\.1 503 /);
      expect(errors).to.deep.equal([
        [
          CloseCode.CloseCodeAbnormalDisconnection,
          'Too many connections from one address. (TCP: 198.51.100.1:4711 was turned away.)',
        ],
      ]);
    });

    it('cuts the handshake when the server closes', async () => {
      const client = await connect();
      client.write(HEADER.subarray(0, 20));

      server.close();

      expect(await client.ended()).to.equal('');
    });

    it('waits as long as the server does not accept', async () => {
      server.pauseAccepting();
      const connected = emitted(server.newConnection);
      const [client, other] = [await connect(), await connect()];
      client.write(HEADER);
      client.write(upgradeRequest());
      other.socket.resetAndDestroy();

      server.resumeAccepting();
      await connected;

      expect(peerOf(server.nextPendingConnection()!)).to.equal('198.51.100.1 4711');
    });

    it('does not hold for the requests of an HTTP server', async () => {
      const http: Server = createServer();
      await listenOnLoopback(http);
      server.attach(http);
      try {
        expect(peerOf(await accepted(from('198.51.100.2')))).to.equal('198.51.100.2 0');
      } finally {
        server.detach();
        http.close();
      }
    });

    it('holds for a socket that is handed in', async () => {
      const tcp = createTcpServer((stream) => server.handleConnection(stream));
      await listenOnLoopback(tcp);
      const connected = emitted(server.newConnection);
      const client = await RawClient.connect((tcp.address() as AddressInfo).port);
      clients.push(client);
      client.write(HEADER);
      client.write(upgradeRequest());
      await connected;
      tcp.close();

      expect(peerOf(server.nextPendingConnection()!)).to.equal('198.51.100.1 4711');
    });

    describe('before TLS', () => {
      beforeEach(() => {
        use(new QWebSocketServer('Test', SslMode.SecureMode));
        server.setSslConfiguration(identified());
        server.setTrustedProxies(['127.0.0.1']);
        server.setProxyProtocolEnabled(true);
      });

      /** A client whose proxy has sent `header`, and that then speaks TLS. */
      async function secureClient(header: Uint8Array | string, options = {}): Promise<RawClient> {
        const { socket } = await connect();
        socket.write(header);
        const client = new RawClient(
          connectTls({ socket, ca: pem('ca.crt'), host: '127.0.0.1', ...options }),
        );
        clients.push(client);
        return client;
      }

      it('makes the ends those that it says', async () => {
        const connected = emitted(server.newConnection);
        const client = await secureClient(HEADER);
        client.write(upgradeRequest());
        await connected;
        const socket = server.nextPendingConnection()!;
        const answer = emitted(socket.textMessageReceived);
        client.write(HELLO);

        expect(await answer).to.deep.equal(['Hello']);
        expect(peerOf(socket)).to.equal('198.51.100.1 4711');
        expect(localOf(socket)).to.equal('203.0.113.1 443');
        expect(socket.requestUrl().scheme()).to.equal('wss');
      });

      it('loses nothing of TLS that comes together with the header', async () => {
        const connected = emitted(server.newConnection);
        const relay = createTcpServer({ pauseOnConnect: true }, (near) => {
          const far = connectTcp(server.serverPort(), '127.0.0.1');
          near.once('data', (hello: Buffer) => {
            far.write(Buffer.concat([HEADER, hello]));
            near.pipe(far).pipe(near);
          });
          near.resume();
          for (const each of [near, far]) each.on('error', () => {});
        });
        server.listen('127.0.0.1');
        const port = await listenOnLoopback(relay);
        const client = new RawClient(connectTls({ port, host: '127.0.0.1', ca: pem('ca.crt') }));
        clients.push(client);
        client.write(upgradeRequest());
        await connected;
        relay.close();

        expect(peerOf(server.nextPendingConnection()!)).to.equal('198.51.100.1 4711');
      });

      it('cuts clients of which there are too many', async () => {
        server.setMaxConnectionsPerAddress(1);
        const first = await connect();
        first.write(HEADER);
        const second = await connect();
        second.write(HEADER);

        await Promise.race([first.ended(), second.ended()]);

        expect(errors).to.have.lengthOf(1);
        expect(errors[0]![1]).to.include('198.51.100.1:4711 was turned away');
      });

      it('names the client to slots about TLS', async () => {
        const alert = emitted(server.alertReceived);
        const client = await connect();
        client.write(HEADER);
        client.write(await clientHello({ maxVersion: 'TLSv1.2' }));
        await once(client.socket, 'data');
        // A fatal alert "unknown CA" (RFC 5246 §7.2).
        client.write(hex('15 03 03 00 02 02 30'));

        expect((await alert)[3].toString()).to.equal('198.51.100.1');
      });

      it('names the client to slots that know its key', async () => {
        server.setSslConfiguration(sharingKey());
        const asked = emitted(server.preSharedKeyAuthenticationRequired) as unknown as Promise<
          [QSslPreSharedKeyAuthenticator, { toString(): string }]
        >;
        await secureClient(HEADER, {
          ciphers: 'PSK-AES256-CBC-SHA',
          maxVersion: 'TLSv1.2',
          checkServerIdentity: () => undefined,
          pskCallback: () => ({ psk: hex('1a2b'), identity: 'client' }),
        });

        expect((await asked)[1].toString()).to.equal('198.51.100.1');
      });
    });
  });
});

function describeWithLocalSockets(title: string, body: () => void): void {
  (hasLocalSockets ? describe : describe.skip)(title, body);
}

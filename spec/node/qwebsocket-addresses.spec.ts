import { expect } from 'chai';
import dns from 'node:dns';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import sinon from 'sinon';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { emitted } from '../support/emitted.ts';
import { hasLocalSockets, LocalPath } from '../support/local-path.ts';
import { NOBODY } from '../support/ports.ts';
import { RawConnection, RawPeer } from '../support/raw-peer.ts';
import { SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { logSignals } from '../support/signal-log.ts';
import { wordsOf } from '../support/words-of.ts';

/** Whether this machine has ::1. */
async function hasIPv6(): Promise<boolean> {
  const server = createServer();
  const isThere = new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false));
    server.on('listening', () => resolve(true));
  });
  server.listen(0, '::1');
  const answer = await isThere;
  server.close();
  return answer;
}

/** Lets every name lead to `addresses`; the names that were looked up. */
function resolveTo(...addresses: string[]): string[] {
  const names: string[] = [];
  sinon.stub(dns, 'lookup').callsFake(((
    name: string,
    options: { all?: boolean },
    done: (error: null, ...found: unknown[]) => void,
  ) => {
    names.push(name);
    const all = addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all === true) process.nextTick(done, null, all);
    else process.nextTick(done, null, all[0]!.address, all[0]!.family);
  }) as unknown as typeof dns.lookup);
  return names;
}

describe('QWebSocket (Node) and addresses', () => {
  let socket: QWebSocket;
  let log: string[];
  let peer: RawPeer | SecurePeer | undefined;

  beforeEach(() => {
    socket = new QWebSocket();
    log = logSignals(socket, ['bytesWritten', 'error']);
    peer = undefined;
  });

  afterEach(() => {
    sinon.restore();
    socket.abort();
    peer?.close();
  });

  /** Connects to the peer; the head of the request. */
  async function connect(url: string): Promise<string> {
    const done = emitted(socket.connected);
    socket.open(url);
    const head = await (await peer!.next()).accept();
    await done;
    return head;
  }

  describe('an international name', () => {
    it('is looked up and sent in Punycode', async () => {
      peer = await RawPeer.listen();
      const names = resolveTo('127.0.0.1');
      const head = await connect(`ws://BÜCHER.example:${peer.port}/straße?ß`);

      expect(names).to.deep.equal(['xn--bcher-kva.example']);
      expect(head).to.contain(`\r\nHost: xn--bcher-kva.example:${peer.port}\r\n`);
      expect(head).to.match(/^GET \/stra%C3%9Fe\?%C3%9F HTTP/);
      expect(socket.peerName()).to.equal('xn--bcher-kva.example');
    });

    it('is said and verified in Punycode with TLS', async () => {
      peer = await SecurePeer.listen(showing('names'));
      resolveTo('127.0.0.1');
      socket.setSslConfiguration(trusting('root'));
      await connect(`wss://bücher.example:${peer.port}/`);

      expect(peer.streams[0]!.servername).to.equal('xn--bcher-kva.example');
      expect(log).to.not.include('errorOccurred 13');
    });
  });

  describe('an IPv6 address', () => {
    before(async function () {
      if (!(await hasIPv6())) this.skip();
    });

    it('is verified as an address, and said to nobody', async () => {
      peer = await SecurePeer.listen(showing('names'), '::1');
      socket.setSslConfiguration(trusting('root'));
      const head = await connect(`wss://[::1]:${peer.port}/`);

      expect(peer.streams[0]!.servername).to.equal(false);
      expect(head).to.contain(`\r\nHost: [::1]:${peer.port}\r\n`);
      expect(socket.peerName()).to.equal('::1');
      expect(socket.peerAddress().toString()).to.equal('::1');
    });

    it('has to be in the certificate', async () => {
      peer = await SecurePeer.listen(showing('deep'), '::1');
      socket.setSslConfiguration(trusting('root'));
      const done = emitted(socket.errorOccurred);
      socket.open(`wss://[::1]:${peer.port}/`);
      await done;

      expect(socket.errorString()).to.match(/^The host name did not match/);
    });

    for (const order of [
      ['::1', '127.0.0.1'],
      ['127.0.0.1', '::1'],
    ]) {
      for (const listening of order) {
        it(`is one of two for ${order.join(' and ')}, of which ${listening} answers`, async () => {
          const server: Server = createServer().listen(0, listening);
          await once(server, 'listening');
          const { port } = server.address() as AddressInfo;
          const arrival = once(server, 'connection');
          resolveTo(...order);
          const done = emitted(socket.connected);
          socket.open(`ws://localhost:${port}/`);
          const connection = new RawConnection((await arrival)[0] as RawConnection['socket']);
          await connection.accept();
          await done;
          socket.abort();
          server.close();

          expect(log.slice(0, 3)).to.deep.equal([
            'stateChanged Connecting',
            'stateChanged Connected',
            'connected',
          ]);
        });
      }
    }
  });

  it('finds nobody when neither address of a name answers', async () => {
    resolveTo('127.0.0.1', '127.0.0.2');
    const done = emitted(socket.errorOccurred);
    socket.open(`ws://localhost:${NOBODY}/`);
    await done;

    expect([socket.error(), wordsOf(socket.errorString())]).to.deep.equal([
      0,
      'Connection refused',
    ]);
  });

  describe('what it says about errors', () => {
    const urls: Record<string, string> = {
      'nobody at the port': `ws://joe:s3cret@127.0.0.1:${NOBODY}/?token=s3cret`,
      'nobody at the port of TLS': `wss://joe:s3cret@127.0.0.1:${NOBODY}/`,
      'no such host': 'ws://joe:s3cret@host.invalid/',
      'no way to go': 'ftp://joe:s3cret@host/',
      'no such URL': 'ws://joe:s3cret@ho st/',
      'a line break': `ws://joe:s3cret@127.0.0.1:${NOBODY}/%0D%0A`,
    };
    for (const [what, url] of Object.entries(urls)) {
      it(`has no secret in it: ${what}`, async () => {
        const warn = sinon.stub(process, 'emitWarning');
        if (what === 'no such host') {
          sinon.stub(dns, 'lookup').callsFake(((
            _: string,
            __: object,
            done: (e: Error) => void,
          ) => {
            const error = Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' });
            process.nextTick(done, error);
          }) as unknown as typeof dns.lookup);
        }
        const done = emitted(socket.errorOccurred);
        socket.open(url);
        await done;

        expect(socket.errorString()).to.not.equal('');
        expect(socket.errorString()).to.not.match(/s3cret|joe/);
        expect(warn.args).to.deep.equal([]);
      });
    }

    it('has none of a proxy in it either', async () => {
      socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', NOBODY, 'joe', 's3cret'));
      const done = emitted(socket.errorOccurred);
      socket.open('ws://host.example/');
      await done;

      expect(wordsOf(socket.errorString())).to.equal('Proxy connection refused');
    });

    it('leaves user and password in requestUrl(), as Qt does', () => {
      socket.open('ws://joe:s3cret@127.0.0.1:1/');

      expect(socket.requestUrl().toString()).to.equal('ws://joe:s3cret@127.0.0.1:1/');
    });
  });
});

(hasLocalSockets ? describe : describe.skip)('QWebSocket (Node) and Unix-domain sockets', () => {
  let place: LocalPath;
  let socket: QWebSocket;
  let server: Server;
  let accepted: Socket[];

  beforeEach(() => {
    place = new LocalPath();
    socket = new QWebSocket();
    accepted = [];
    server = createServer({ allowHalfOpen: true }, (stream) => accepted.push(stream));
  });

  afterEach(() => {
    socket.abort();
    for (const stream of accepted) stream.destroy();
    server.close();
    place.remove();
  });

  it('asks the server for what stands behind the second colon', async () => {
    server.listen(place.path);
    await once(server, 'listening');
    const arrival = once(server, 'connection');
    const done = emitted(socket.connected);
    socket.open(`ws+unix:${place.path}:/room?a=b`);
    const connection = new RawConnection((await arrival)[0] as RawConnection['socket']);
    const head = await connection.accept();
    await done;

    expect(head).to.match(/^GET \/room\?a=b HTTP\/1\.1\r\nHost: localhost\r\n/);
    expect(socket.resourceName()).to.equal('/room?a=b');
    expect(socket.requestUrl().toString()).to.equal(`ws+unix:${place.path}:/room?a=b`);
    expect(socket.peerName()).to.equal('');
    expect([socket.peerAddress().isNull(), socket.peerPort()]).to.deep.equal([true, 0]);
    expect([socket.localAddress().isNull(), socket.localPort()]).to.deep.equal([true, 0]);
  });

  it('knows no proxy', async () => {
    server.listen(place.path);
    await once(server, 'listening');
    const arrival = once(server, 'connection');
    socket.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', NOBODY));
    socket.open(`ws+unix:${place.path}`);
    const connection = new RawConnection((await arrival)[0] as RawConnection['socket']);

    expect(await connection.head()).to.match(/^GET \/ HTTP/);
    connection.socket.destroy();
  });

  it('tells that nobody is there', async () => {
    const log = logSignals(socket, ['error']);
    const done = emitted(socket.errorOccurred);
    socket.open(`ws+unix:${place.path}:/`);
    await done;

    expect(log).to.deep.equal([
      'stateChanged Connecting',
      'stateChanged Unconnected',
      'disconnected',
      'errorOccurred 2',
    ]);
    expect(wordsOf(socket.errorString())).to.equal('Host not found');
  });

  it('does not ask for TLS when the server leaves without an answer', async () => {
    server.listen(place.path);
    await once(server, 'listening');
    server.on('connection', (client) => client.end().resume());
    socket.open(`ws+unix:${place.path}:/`);
    await emitted(socket.errorOccurred);

    expect(socket.errorString()).to.match(/without an answer\)\.$/);
  });

  it('refuses a line break in what is asked for', () => {
    const log = logSignals(socket, ['error']);
    socket.open(`ws+unix:${place.path}:/a%0D%0Ab`);

    expect(log).to.deep.equal(['errorOccurred 0']);
    expect(wordsOf(socket.errorString())).to.equal('Invalid resource name.');
  });

  it('finds a QWebSocketServer by its URL', async () => {
    const own = new QWebSocketServer('local');
    expect(own.listenLocal(place.path)).to.equal(true);
    const arrived = emitted(own.newConnection);

    socket.open(own.serverUrl());
    await Promise.all([arrived, emitted(socket.connected)]);
    const message = emitted(own.nextPendingConnection()!.textMessageReceived);
    socket.sendTextMessage('hello');

    expect(await message).to.deep.equal(['hello']);
    own[Symbol.dispose]();
    expect(existsSync(place.path)).to.equal(false);
  });

  it('finds a QWebSocketServer that is attached to a server of Node', async () => {
    const http = createHttpServer();
    const own = new QWebSocketServer('local');
    own.attach(http);
    http.listen(place.path);
    await once(http, 'listening');
    try {
      const arrived = emitted(own.newConnection);
      const done = emitted(socket.connected);
      socket.open(`ws+unix:${place.path}:/room`);
      await Promise.all([arrived, done]);
      const other = own.nextPendingConnection()!;
      other.textMessageReceived.connect((text) => void other.sendTextMessage(`${text}!`));
      socket.sendTextMessage('hello');

      expect(await emitted(socket.textMessageReceived)).to.deep.equal(['hello!']);
      expect(other.peerAddress().isNull()).to.equal(true);
    } finally {
      own[Symbol.dispose]();
      http.closeAllConnections();
      http.close();
    }
  });
});

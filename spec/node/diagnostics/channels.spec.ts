import { expect } from 'chai';
import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { inspect } from 'node:util';
import { restore, spy } from 'sinon';
import { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import type { QUrl } from '../../../lib/network/qurl.ts';
import { DiagnosticsChannel } from '../../../lib/node/diagnostics/diagnostics-channel.ts';
import type { DiagnosticsMessages } from '../../../lib/node/diagnostics/messages.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { statisticsOf } from '../../../lib/node/statistics-of.ts';
import { QWebSocketHandshakeOptions } from '../../../lib/websockets/qwebsockethandshakeoptions.ts';
import { SslMode } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { checkSums } from '../../support/check-sums.ts';
import { ConnectProxy } from '../../support/connect-proxy.ts';
import { emitted } from '../../support/emitted.ts';
import { hex } from '../../support/hex.ts';
import { LoginPeer } from '../../support/login-peer.ts';
import { NOBODY } from '../../support/ports.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';
import { identified } from '../../support/secure-client.ts';
import { showing, trusting } from '../../support/secure-peer.ts';
import { uncaughtErrors } from '../../support/uncaught.ts';
import { until } from '../../support/until.ts';
import {
  CHANNEL_NAMES,
  WatchedChannels,
  type ChannelName,
} from '../../support/watched-channels.ts';

const ASKS_WHO =
  'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n';

const OPENING = ['client:start', 'client:route', 'client:connect'];
const ASKING = ['client:request', 'client:response'];

/** Whatever is secret in these specs contains it, plain or in Base64. */
const SECRET = /s3cret|czNjcmV0/;

describe('the channels of node:diagnostics_channel', () => {
  let watched: WatchedChannels;
  let server: QWebSocketServer;
  let client: QWebSocket;
  let closes: (() => unknown)[];

  beforeEach(() => {
    watched = new WatchedChannels();
    server = new QWebSocketServer('Test');
    client = new QWebSocket();
    closes = [];
  });

  afterEach(async () => {
    restore();
    watched.stop();
    client.abort();
    server[Symbol.dispose]();
    for (const end of closes) await end();
  });

  /** The server listens, and echoes what it gets. */
  function listen(mode: SslMode = SslMode.NonSecureMode): void {
    server[Symbol.dispose]();
    server = new QWebSocketServer('Test', mode);
    if (mode === SslMode.SecureMode) server.setSslConfiguration(identified());
    client.setSslConfiguration(trusting());
    server.newConnection.connect(() => {
      const socket = server.nextPendingConnection()!;
      socket.textMessageReceived.connect((text) => socket.sendTextMessage(text));
      socket.binaryMessageReceived.connect((data) => socket.sendBinaryMessage(data));
    });
    server.listen(QHostAddress.LocalHost);
  }

  async function connect(url: QUrl | string | QNetworkRequest = server.serverUrl()): Promise<void> {
    const connected = emitted(client.connected);
    client.open(url);
    await connected;
  }

  /** The client closes, and both ends have told of the end. */
  async function close(): Promise<void> {
    client.close(4000, 'Enough');
    await until(() => watched.on('qwebsockets:socket:end').length === 2);
  }

  /** The steps of the only client. */
  function clientSteps(): string[] {
    const [start] = watched.on('qwebsockets:client:start');
    return watched.steps(start!.id);
  }

  function serverSteps(): string[] {
    const [connection] = watched.on('qwebsockets:server:connection');
    return watched.steps(connection!.id);
  }

  it('tell of a connection from its beginning to its end, on both sides', async () => {
    listen();
    await connect();
    const echo = emitted(client.textMessageReceived);
    client.sendTextMessage('Hello');
    await echo;
    const pong = emitted(client.pong);
    client.ping();
    await pong;
    await close();

    expect(clientSteps()).to.deep.equal([
      ...OPENING,
      ...ASKING,
      'socket:open',
      'socket:messageSent',
      'socket:messageReceived',
      'socket:pingSent',
      'socket:pongReceived',
      'socket:closing',
      'socket:end',
    ]);
    expect(serverSteps()).to.deep.equal([
      'server:connection',
      'server:request',
      'socket:open',
      'socket:messageReceived',
      'socket:messageSent',
      'socket:pingReceived',
      'socket:pongSent',
      'socket:closing',
      'socket:end',
    ]);
  });

  it('name the objects, the ends and the time', async () => {
    listen();
    const before = performance.now();
    await connect();
    await close();

    const [ofClient, ofServer] = watched
      .on('qwebsockets:socket:open')
      .toSorted(({ side: one }, { side: other }) => one.localeCompare(other));
    expect(ofClient!.socket).to.equal(client);
    expect(ofServer!.socket).to.be.instanceOf(QWebSocket);
    expect(watched.on('qwebsockets:server:connection')[0]!.server).to.equal(server);
    const { localAddress, localPort, peerAddress, peerPort } = ofClient!;
    expect([peerAddress, peerPort]).to.deep.equal(['127.0.0.1', server.serverPort()]);
    expect(ofServer).to.include({
      localAddress: peerAddress,
      localPort: peerPort,
      peerAddress: localAddress,
      peerPort: localPort,
    });
    const times = watched.published.map(({ message }) => message.time);
    expect(times).to.deep.equal(times.toSorted((one, other) => one - other));
    expect(times[0]).to.be.within(before, performance.now());
    const [end] = watched.on('qwebsockets:socket:end');
    expect(end!.duration).to.be.within(0, performance.now() - before + 1);
  });

  it('give each connection a number of its own, also those of one socket', async () => {
    listen();
    await connect();
    await connect();
    await connect();

    const ids = watched.on('qwebsockets:socket:open').map(({ id }) => id);
    expect(new Set(ids)).to.have.property('size', 6);
  });

  it('tell of messages how long they are, and what they have carried in all', async () => {
    listen();
    await connect();
    const echo = emitted(client.binaryMessageReceived);
    client.sendTextMessage('Grüße');
    client.sendBinaryMessage(new Uint8Array(300));
    await echo;
    await close();

    const sent = watched.on('qwebsockets:socket:messageSent').filter((m) => m.socket === client);
    expect(sent.map(({ size, isText }) => [size, isText])).to.deep.equal([
      [7, true],
      [300, false],
    ]);
    const end = watched.on('qwebsockets:socket:end').find(({ socket }) => socket === client)!;
    expect(end).to.include({ ...statisticsOf(client), messagesSent: 2, payloadReceived: 307 });
  });

  it('tell of look-ups', async () => {
    listen();
    await connect(`ws://localhost:${server.serverPort()}/`);

    const [lookup] = watched.on('qwebsockets:client:lookup');
    expect(lookup).to.include({ host: 'localhost', error: '' });
    expect(clientSteps().slice(0, 3)).to.deep.equal([
      'client:start',
      'client:route',
      'client:lookup',
    ]);
  });

  it('tell why an attempt has failed', async () => {
    client.open(`ws://127.0.0.1:${NOBODY}/`);
    await emitted(client.errorOccurred);

    const failed = await watched.first('qwebsockets:client:failed');
    expect(failed).to.include({
      error: SocketError.ConnectionRefusedError,
      errorName: 'ConnectionRefusedError',
      description: client.errorString(),
    });
    expect(clientSteps()).to.deep.equal(['client:start', 'client:route', 'client:failed']);
  });

  it('tell of what cannot even begin', async () => {
    client.open('http://127.0.0.1/');

    const failed = await watched.first('qwebsockets:client:failed');
    expect(failed.errorName).to.equal('UnsupportedSocketOperationError');
    expect(clientSteps()).to.deep.equal(['client:start', 'client:failed']);
  });

  it('tell of an attempt that the program gives up', async () => {
    listen();
    client.open(server.serverUrl());
    client.abort();

    const failed = await watched.first('qwebsockets:client:failed');
    expect(failed).to.include({ errorName: 'UnfinishedSocketOperationError', description: '' });
    expect(clientSteps().at(-1)).to.equal('client:failed');
  });

  it('tell of logins', async () => {
    const peer = await LoginPeer.listen(false, { closes: true, hasLength: true, body: '' });
    closes.push(() => peer.close());
    await connect(peer.url('user:password'));

    expect(clientSteps()).to.deep.equal([
      ...OPENING,
      ...ASKING,
      'client:challenge',
      'client:route',
      'client:connect',
      ...ASKING,
      'socket:open',
    ]);
    expect(watched.on('qwebsockets:client:challenge')[0]).to.include({
      status: 401,
      isByProxy: false,
      isAnswered: true,
    });
    expect(watched.on('qwebsockets:client:response').map(({ status }) => status)).to.deep.equal([
      401, 101,
    ]);
  });

  it('tell of TLS, to an encrypted proxy and to the peer', async () => {
    listen(SslMode.SecureMode);
    const proxy = await ConnectProxy.listen(server.serverPort(), showing('server'));
    closes.push(() => proxy.close());
    proxy.refusals.push(ASKS_WHO);
    const way = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port, 'joe', 's3cret');
    way.setEncrypted(true);
    client.setProxy(way);
    await connect();

    expect(clientSteps()).to.deep.equal([
      ...OPENING,
      'client:secured',
      'client:challenge',
      'client:tunnel',
      'client:secured',
      ...ASKING,
      'socket:open',
    ]);
    const place = `127.0.0.1:${proxy.port}`;
    expect(watched.on('qwebsockets:client:route')[0]).to.include({
      route: 'HTTP proxy',
      proxy: place,
    });
    expect(watched.on('qwebsockets:client:tunnel')[0]).to.include({
      proxy: place,
      target: `127.0.0.1:${server.serverPort()}`,
      isOpen: true,
      status: 200,
    });
    const [outer, inner] = watched.on('qwebsockets:client:secured');
    expect(outer).to.include({ isToProxy: true, protocol: 'TLSv1.3' });
    expect(inner).to.include({ isToProxy: false, protocol: 'TLSv1.3', isResumed: false });
    expect(serverSteps()).to.deep.equal([
      'server:connection',
      'server:secured',
      'server:request',
      'socket:open',
    ]);
  });

  it('tell of connections over HTTP/2, each by itself', async () => {
    listen(SslMode.SecureMode);
    const own = identified();
    own.setAllowedNextProtocols(['h2', 'http/1.1']);
    server.setSslConfiguration(own);
    const configuration = trusting();
    client.setSslConfiguration(configuration);
    const request = new QNetworkRequest(server.serverUrl());
    request.setAttribute(QNetworkRequest.Http2AllowedAttribute, true);
    await connect(request);
    const second = new QWebSocket();
    closes.push(() => second.abort());
    second.setSslConfiguration(configuration);
    const connected = emitted(second.connected);
    second.open(request);
    await connected;
    await until(() => server.statistics().opened === 2);

    const [one, other] = watched.on('qwebsockets:client:start');
    expect(watched.steps(one!.id)).to.deep.equal([
      ...OPENING,
      'client:secured',
      ...ASKING,
      'socket:open',
    ]);
    expect(watched.steps(other!.id)).to.deep.equal([
      'client:start',
      'client:route',
      ...ASKING,
      'socket:open',
    ]);
    expect(watched.on('qwebsockets:client:route')[1]).to.include({ route: 'shared', proxy: '' });
    const accepted = watched.on('qwebsockets:server:connection').map(({ id }) => watched.steps(id));
    expect(accepted).to.deep.equal([
      ['server:connection', 'server:secured'],
      ['server:connection', 'server:request', 'socket:open'],
      ['server:connection', 'server:request', 'socket:open'],
    ]);
    expect(server.statistics()).to.include({ accepted: 2, handshaking: 0, open: 2 });
    checkSums(server.statistics());
  });

  it('tell of a SOCKS proxy that leads nowhere', async () => {
    const proxy = await ScriptedPeer.listen();
    closes.push(() => proxy.close());
    client.setProxy(new QNetworkProxy(ProxyType.Socks5Proxy, '127.0.0.1', proxy.port));
    const failed = emitted(client.errorOccurred);
    client.open('ws://chat.example/');
    const connection = await proxy.accept();
    await connection.bytes(3);
    connection.say(hex('0500'));
    await connection.bytes(19);
    connection.say(hex('05040001000000000000'));
    await failed;
    await watched.first('qwebsockets:client:failed');

    expect(clientSteps()).to.deep.equal([...OPENING, 'client:tunnel', 'client:failed']);
    expect(watched.on('qwebsockets:client:tunnel')[0]).to.include({
      target: 'chat.example:80',
      isOpen: false,
      status: 0,
    });
  });

  it('tell whom a server refuses, and why', async () => {
    server.setOriginCheckEnabled(true);
    server.listen(QHostAddress.LocalHost);
    client = new QWebSocket('http://evil.example');
    client.open(server.serverUrl());
    const refused = await watched.first('qwebsockets:server:refused');

    expect(refused).to.include({ reason: 'origin', status: 403, server });
    expect(serverSteps()).to.deep.equal(['server:connection', 'server:request', 'server:refused']);
  });

  it('tell who has closed, and of what has broken off', async () => {
    const peer = await RawPeer.listen();
    closes.push(() => peer.close());
    const connected = emitted(client.connected);
    client.open(peer.url);
    const connection = await peer.accept();
    await connected;
    connection.send(8, Buffer.concat([Buffer.of(0x0f, 0xa0), Buffer.from('Bye')]));
    connection.socket.end();
    await watched.first('qwebsockets:socket:end');
    expect(watched.on('qwebsockets:socket:closing')[0]).to.include({
      isByPeer: true,
      code: 4000,
      reason: 'Bye',
    });
    expect(watched.on('qwebsockets:socket:end')[0]).to.include({
      isByPeer: true,
      code: 4000,
      errorName: '',
    });

    const again = emitted(client.connected);
    client.open(peer.url);
    const second = await peer.accept();
    await again;
    second.socket.end();
    await until(() => watched.on('qwebsockets:socket:end').length === 2);
    const end = watched.on('qwebsockets:socket:end')[1]!;
    expect(end).to.include({ isByPeer: true, code: 1006, errorName: 'RemoteHostClosedError' });
    expect(end.description).to.equal(client.errorString());
  });

  it('are in step with the documents', async () => {
    await everything();
    const documented = Object.fromEntries(rowsOf('docs/how-to/observability.md'));

    for (const name of CHANNEL_NAMES) {
      const [message] = watched.on(name);
      expect(message, name).not.to.equal(undefined);
      const { id, time, ...own } = message as DiagnosticsMessages['qwebsockets:client:start'];
      expect([typeof id, typeof time]).to.deep.equal(['number', 'number']);
      const holder = name.startsWith('qwebsockets:server:') ? 'server' : 'socket';
      expect(message).to.have.property(holder);
      expect(Object.keys(own).toSorted(), name).to.deep.equal(documented[name]!.toSorted());
    }
    expect(Object.keys(documented)).to.deep.equal(CHANNEL_NAMES);
  });

  it('never carry a secret', async () => {
    await everything();
    const texts = watched.published.map(({ channel, message }) => {
      return `${channel} ${inspect(message, { depth: 8, showHidden: true })} ${JSON.stringify(message)}`;
    });

    expect(watched.published.length).to.be.above(40);
    expect(texts.filter((text) => SECRET.test(text))).to.deep.equal([]);
  });

  /** Goes through everything that there is a channel for, with secrets in all places. */
  async function everything(): Promise<void> {
    listen(SslMode.SecureMode);
    server.setSupportedSubprotocols(['token-s3cret-and-more-than-24-characters']);
    const proxy = await ConnectProxy.listen(server.serverPort());
    closes.push(() => proxy.close());
    proxy.refusals.push(ASKS_WHO);
    client.setProxy(
      new QNetworkProxy(ProxyType.HttpProxy, 'localhost', proxy.port, 'joe', 's3cret'),
    );
    const url = server.serverUrl();
    url.setUserName('joe');
    url.setPassword('s3cret');
    url.setPath('/room');
    url.setQuery('token=s3cret');
    url.setFragment('s3cret');
    const request = new QNetworkRequest(url);
    request.setRawHeader('Authorization', 'Bearer s3cret');
    request.setRawHeader('Cookie', 'session=s3cret');
    request.setRawHeader('X-Api-Key', 's3cret');
    const options = new QWebSocketHandshakeOptions();
    options.setSubprotocols(['token-s3cret-and-more-than-24-characters']);
    const connected = emitted(client.connected);
    client.open(request, options);
    await connected;
    const echoes = emitted(client.textMessageReceived);
    client.sendTextMessage('s3cret');
    await echoes;
    const pong = emitted(client.pong);
    client.ping(Buffer.from('s3cret'));
    await pong;
    await close();

    // One whose path is no WebSocket: it says back what it was sent.
    const peer = await RawPeer.listen();
    closes.push(() => peer.close());
    client.setProxy(QNetworkProxy.NoProxy);
    const failed = emitted(client.errorOccurred);
    client.open(`ws://joe:s3cret@127.0.0.1:${peer.port}/?token=s3cret`);
    const connection = await peer.next();
    await connection.head();
    connection.socket.end(
      'HTTP/1.1 302 s3cret\r\nServer: s3cret\r\nSet-Cookie: s3cret\r\n' +
        'Location: /s3cret?token=s3cret\r\n\r\n',
    );
    await failed;

    const foreigner = new QWebSocket('https://joe:s3cret@evil.example');
    closes.push(() => foreigner.abort());
    foreigner.setSslConfiguration(trusting());
    foreigner.open(url);
    await watched.first('qwebsockets:server:refused');
  }

  it('have nothing published while nobody has subscribed', async () => {
    watched.stop();
    const publish = spy(DiagnosticsChannel.prototype, 'publish');
    watched.on = () => [];
    const ended = emitted(client.disconnected);
    listen();
    await connect();
    const echo = emitted(client.textMessageReceived);
    client.sendTextMessage('Hello');
    await echo;
    client.close();
    await ended;
    client.open(`ws://127.0.0.1:${NOBODY}/`);
    await emitted(client.errorOccurred);

    expect(publish.callCount).to.equal(0);
  });

  it('tell those who come late, under one number', async () => {
    watched.stop();
    listen();
    await connect();
    watched = new WatchedChannels();
    client.sendTextMessage('Hello');
    await emitted(client.textMessageReceived);
    await close();

    const own = watched.published.filter(({ message }) => {
      return 'socket' in message && message.socket === client;
    });
    expect(own.map(({ channel }) => channel.split(':')[2])).to.deep.equal([
      'messageSent',
      'messageReceived',
      'closing',
      'end',
    ]);
    expect(new Set(own.map(({ message }) => message.id))).to.have.property('size', 1);
  });

  it('go on when a subscriber throws, which is an uncaught exception', async () => {
    watched.stop();
    const bomb = (): void => {
      throw new Error('Boom.');
    };
    for (const name of CHANNEL_NAMES) subscribe(name, bomb);
    closes.push(() => CHANNEL_NAMES.forEach((name) => unsubscribe(name, bomb)));
    watched = new WatchedChannels();
    listen();
    const errors = await uncaughtErrors(async () => {
      await connect();
      const echo = emitted(client.textMessageReceived);
      client.sendTextMessage('Hello');
      await echo;
      await close();
    });

    expect(errors).to.have.lengthOf(watched.published.length);
    expect(watched.published.length).to.equal(10 + 7);
    expect(client.closeCode()).to.equal(4000);
  });

  it('wait until the code that runs is through', async () => {
    listen();
    await connect();
    await setImmediate();
    const before = watched.published.length;
    client.sendTextMessage('Hello');
    client.close();

    expect(watched.published).to.have.lengthOf(before);
    await Promise.resolve();
    const after = watched.published.slice(before).map(({ channel }) => channel);
    expect(after).to.deep.equal(['qwebsockets:socket:messageSent', 'qwebsockets:socket:closing']);
  });

  it('keep the context in which it happened', async () => {
    const storage = new AsyncLocalStorage<string>();
    const heard: (string | undefined)[] = [];
    const listener = (): void => void heard.push(storage.getStore());
    subscribe('qwebsockets:socket:messageSent', listener);
    closes.push(() => unsubscribe('qwebsockets:socket:messageSent', listener));
    listen();
    await connect();
    storage.run('one', () => client.sendTextMessage('Hello'));
    storage.run('two', () => client.sendTextMessage('Hello'));
    await setImmediate();

    expect(heard.slice(0, 2)).to.deep.equal(['one', 'two']);
  });

  const acts: Record<string, (socket: QWebSocket) => void> = {
    'gives the connection up': (socket) => socket.abort(),
    'closes the connection': (socket) => socket.close(),
    'destroys the socket': (socket) => socket[Symbol.dispose](),
    'opens the socket anew': (socket) => {
      if (socket === client) socket.open(server.serverUrl());
    },
    'destroys the server': () => server[Symbol.dispose](),
  };
  for (const [what, act] of Object.entries(acts)) {
    for (const name of CHANNEL_NAMES) {
      if (/lookup|tunnel|secured|challenge/.test(name)) continue;
      it(`bear a subscriber of ${name} that ${what}`, async () => {
        let hasActed = false;
        const listener = (message: unknown): void => {
          if (hasActed) return;
          hasActed = true;
          act((message as { socket?: QWebSocket }).socket ?? client);
        };
        subscribe(name, listener);
        closes.push(() => unsubscribe(name, listener));
        const errors = await uncaughtErrors(async () => {
          listen();
          client.open(server.serverUrl());
          client.connected.connect(() => {
            client.sendTextMessage('Hello');
            client.ping();
          });
          client.textMessageReceived.connect(() => client.close());
          if (needsRefusal(name)) {
            server.setMaxConnections(0);
          }
          await until(() => hasActed);
          for (let turn = 0; turn < 20; turn++) await setImmediate();
        });

        expect(errors).to.deep.equal([]);
        checkSums(server.statistics());
      });
    }
  }
});

function needsRefusal(name: ChannelName): boolean {
  return name === 'qwebsockets:server:refused' || name === 'qwebsockets:client:failed';
}

/** The channels in the table of a page, with their fields. */
function rowsOf(page: string): [name: string, fields: string[]][] {
  const table = readFileSync(page, 'utf8').split('<!-- channels -->')[1]!;
  return Array.from(table.matchAll(/^\| `(qwebsockets:\S+)` *\|[^|]*\|(.*)\|$/gm), (row) => {
    const fields = row[2]!.replaceAll(/: [^;]*(?=;|\s*$)/g, '');
    return [row[1]!, Array.from(fields.matchAll(/`(\w+)`/g), ([, field]) => field!)];
  });
}

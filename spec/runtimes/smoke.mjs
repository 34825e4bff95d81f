// A program that uses the installed package in all the ways that depend on what it runs in.
//
//   RUNTIME smoke.mjs FOLDER-OF-CERTIFICATES URL-OF-A-COMPRESSING-ECHO-SERVER
//
// Prints "ok: CHECK" or "failed: CHECK: REASON" for each, and ends by itself.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  ProxyType,
  QHostAddress,
  QNetworkProxy,
  QNetworkRequest,
  QSsl,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  QSslSocket,
  QWebSocket,
  QWebSocketServer,
  SocketError,
  SslMode,
  statisticsOf,
} from 'qwebsockets';
import { ScriptedPeer, settled, SignalSpy, socketPair } from 'qwebsockets/testing';

const PATIENCE_MS = 30_000;

const [, , folder, echoServer] = process.argv;

/** Those of the check that is under way. */
const servers = [];

const pem = (name) => readFileSync(join(folder, name), 'latin1');

const checks = {
  async 'connections in memory'() {
    const { client, accepted, link } = await socketPair();
    const heard = new SignalSpy(accepted.textMessageReceived);
    client.sendTextMessage('hello');
    await settled();
    equal(heard.takeFirst()[0], 'hello');
    const over = new SignalSpy(accepted.disconnected);
    link.cut();
    equal(await over.wait(), true);
    equal(client.closeCode(), 1006);

    const socket = new QWebSocket();
    const peer = ScriptedPeer.facing(socket);
    await peer.handshake();
    const lost = new SignalSpy(socket.disconnected);
    peer.sendFrame(0xf);
    peer.end();
    equal(await lost.wait(), true);
    equal(socket.closeCode(), 1002);
  },

  async 'messages over ws'() {
    const server = serve();
    const socket = await open(server.serverUrl());
    await converse(socket);
    await end(socket, server);
  },

  async 'messages over wss'() {
    const server = serve(SslMode.SecureMode);
    const socket = await open(server.serverUrl(), trusting());
    await converse(socket);
    await end(socket, server);
  },

  async 'clients of trusted proxies'() {
    for (const mode of [SslMode.NonSecureMode, SslMode.SecureMode]) {
      const server = serve(mode);
      server.setTrustedProxies(['127.0.0.1']);
      server.setProxyProtocolEnabled(true);
      const proxy = net.createServer((near) => {
        const far = net.connect(server.serverPort(), '127.0.0.1', () => {
          far.write('PROXY TCP4 198.51.100.1 203.0.113.1 4711 443\r\n');
          near.pipe(far).pipe(near);
        });
        for (const [one, other] of [
          [near, far],
          [far, near],
        ])
          one.on('error', () => other.destroy());
      });
      await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      const url = server.serverUrl();
      url.setPort(proxy.address().port);
      const socket = await open(url, trusting());
      const answer = emitted(socket.textMessageReceived);
      socket.sendTextMessage('who');
      equal((await answer)[0], '198.51.100.1:4711');
      await converse(socket);
      await end(socket, server);
      proxy.close();
    }
  },

  async 'counters and channels'() {
    const ends = [];
    const listener = ({ socket, code }) => ends.push([socket, code]);
    subscribe('qwebsockets:socket:end', listener);
    const server = serve();
    const socket = await open(server.serverUrl());
    await echo(socket, 'counted');
    equal(statisticsOf(socket).messagesReceived, 1);
    const { accepted, opened, payloadReceived } = server.statistics();
    equal([accepted, opened, payloadReceived].join(), '1,1,7');
    await end(socket, server);
    await settled();
    unsubscribe('qwebsockets:socket:end', listener);
    equal(ends.find(([whose]) => whose === socket)?.[1], 1000);
  },

  async 'messages over HTTP/2'() {
    const server = new QWebSocketServer('smoke', SslMode.SecureMode);
    const configuration = presenting(new QSslConfiguration());
    configuration.setAllowedNextProtocols(['h2']);
    server.setSslConfiguration(configuration);
    listen(server);
    const request = new QNetworkRequest(`wss://localhost:${server.serverPort()}/`);
    request.setAttribute(QNetworkRequest.Http2AllowedAttribute, true);
    const [socket, other] = await Promise.all([
      open(request, trusting()),
      open(request, trusting()),
    ]);
    equal(socket.sslConfiguration().nextNegotiatedProtocol(), 'h2');
    equal(socket.localPort(), other.localPort());
    await converse(socket);
    await echo(other, 'hello');
    await end(other);
    await end(socket, server);
  },

  async compression() {
    const server = serve();
    server.setCompressionEnabled(true);
    const socket = new QWebSocket();
    socket.setCompressionEnabled(true);
    await open(server.serverUrl(), undefined, socket);
    equal(socket.extensions().split(';')[0], 'permessage-deflate');
    await converse(socket);
    await end(socket, server);
  },

  async 'compression with a peer in Node'() {
    const socket = new QWebSocket();
    socket.setCompressionEnabled(true);
    socket.setCompressionOptions({ threshold: 0 });
    await open(echoServer, undefined, socket);
    equal(socket.extensions().split(';')[0], 'permessage-deflate');
    for (let time = 0; time < 5; time++) await echo(socket, 'what was said before');
    await converse(socket);
    await end(socket);
  },

  async 'compression by what was said before'() {
    const server = serve();
    server.setCompressionEnabled(true);
    const socket = new QWebSocket();
    socket.setCompressionEnabled(true);
    await open(server.serverUrl(), undefined, socket);
    const isBare = socket.extensions().includes('no_context_takeover');
    await end(socket, server);
    if (isBare) throw new Error(`${socket.extensions()} was agreed on`);
  },

  async 'frames of a message'() {
    const server = serve();
    const socket = await open(server.serverUrl());
    socket.setOutgoingFrameSize(1000);
    await echo(socket, 'aä€😀'.repeat(1000));
    await end(socket, server);
  },

  async pings() {
    const server = serve();
    const socket = await open(server.serverUrl());
    const answer = emitted(socket.pong);
    socket.ping(Buffer.from('there?'));
    equal(String(Buffer.from((await answer)[1])), 'there?');
    await end(socket, server);
  },

  async 'close codes'() {
    const server = serve();
    const socket = await open(server.serverUrl());
    const gone = emitted(socket.disconnected);
    socket.sendTextMessage('close');
    await gone;
    equal(socket.closeCode(), 4001);
    equal(socket.closeReason(), 'Grüße');
    server.close();
  },

  async 'cut connections'() {
    const server = serve();
    const socket = await open(server.serverUrl());
    const gone = emitted(socket.disconnected);
    socket.sendTextMessage('abort');
    await gone;
    equal(socket.closeCode(), 1006);
    server.close();
  },

  async 'a peer that nobody vouches for'() {
    const server = serve(SslMode.SecureMode);
    const failure = await failureOf(server.serverUrl(), new QSslConfiguration());
    equal(failure.error, SocketError.SslHandshakeFailedError);
    server.close();
  },

  async 'a peer with the certificate of another'() {
    const server = serve(SslMode.SecureMode, QHostAddress.AnyIPv4);
    const failure = await failureOf(`wss://127.0.0.2:${server.serverPort()}`, trusting());
    equal(failure.error, SocketError.SslHandshakeFailedError);
    server.close();
  },

  async 'certificates of clients'() {
    const server = new QWebSocketServer('smoke', SslMode.SecureMode);
    const demanding = presenting(trusting());
    demanding.setPeerVerifyMode(QSslSocket.VerifyPeer);
    server.setSslConfiguration(demanding);
    listen(server);
    const socket = await open(server.serverUrl(), presenting(trusting()));
    await echo(socket, 'known');
    await end(socket, server);
    const other = new QWebSocketServer('smoke', SslMode.SecureMode);
    other.setSslConfiguration(demanding);
    listen(other);
    // In TLS 1.3 the client is through before the server has looked.
    const stranger = new QWebSocket();
    stranger.setSslConfiguration(trusting());
    const refused = emitted(stranger.errorOccurred);
    stranger.connected.connect(() => stranger.errorOccurred.disconnect());
    stranger.open(other.serverUrl());
    await refused;
    other.close();
  },

  async 'an HTTP proxy'() {
    const server = serve();
    await throughProxy(server, http.createServer());
  },

  async 'an HTTP proxy on the way to wss'() {
    const server = serve(SslMode.SecureMode);
    await throughProxy(server, http.createServer());
  },

  async 'an HTTP proxy over TLS'() {
    const server = serve();
    await throughProxy(server, https.createServer(keyPair()), true);
  },

  async 'an HTTP proxy over TLS on the way to wss'() {
    const server = serve(SslMode.SecureMode);
    await throughProxy(server, https.createServer(keyPair()), true);
  },

  async 'an HTTP server of the program'() {
    await attached(http.createServer(), 'ws', http);
  },

  async 'an HTTPS server of the program'() {
    await attached(https.createServer(keyPair()), 'wss', https);
  },

  async 'Unix-domain sockets'() {
    const path = join(tmpdir(), `qws-${process.pid}-${Date.now()}`);
    const server = welcome(new QWebSocketServer('smoke', SslMode.NonSecureMode));
    if (!server.listenLocal(path)) throw new Error(server.errorString());
    const socket = await open(`ws+unix:${path}:/`);
    await echo(socket, 'hello');
    await end(socket, server);
  },

  async 'why a port cannot be had'() {
    const server = serve();
    const other = new QWebSocketServer('smoke', SslMode.NonSecureMode);
    equal(other.listen(QHostAddress.LocalHost, server.serverPort()), false);
    const words = other.errorString();
    server.close();
    if (!words.startsWith('The bound address is already in use')) throw new Error(words);
  },

  async 'sockets of the system'() {
    const server = serve();
    const isKnown = server.socketDescriptor() >= 0;
    server.close();
    if (!isKnown) throw new Error('socketDescriptor() is -1');
  },

  async 'refused connections'() {
    const failure = await failureOf('ws://127.0.0.1:1');
    equal(failure.error, SocketError.ConnectionRefusedError);
  },

  async 'the QML door'() {
    const { Status, WebSocket, WebSocketServer } = await import('qwebsockets/qml');
    const server = new WebSocketServer({ host: '127.0.0.1', listen: true });
    server.clientConnected.connect((client) => {
      client.textMessageReceived.connect((message) => client.sendTextMessage(message));
    });
    const socket = new WebSocket({ url: server.url, active: true });
    while (socket.status !== Status.Open) await emitted(socket.statusChanged);
    const answer = emitted(socket.textMessageReceived);
    socket.sendTextMessage('hello');
    equal((await answer)[0], 'hello');
    socket.active = false;
    while (socket.status !== Status.Closed) await emitted(socket.statusChanged);
    server.listen = false;
  },

  async 'the browser door'() {
    const door = await import('qwebsockets/browser');
    const server = serve();
    const socket = await open(server.serverUrl().toString(), undefined, new door.QWebSocket());
    await echo(socket, 'aä€😀'.repeat(10_000));
    await end(socket, server);
  },
};

for (const [name, check] of Object.entries(checks)) {
  try {
    await inTime(check());
    console.log(`ok: ${name}`);
  } catch (error) {
    console.log(`failed: ${name}: ${error.message.split('\n', 1)[0]}`);
  } finally {
    for (const server of servers.splice(0)) server[Symbol.dispose]();
  }
}

function trusting() {
  const configuration = new QSslConfiguration();
  configuration.setCaCertificates([new QSslCertificate(pem('ca.crt'))]);
  return configuration;
}

function presenting(configuration) {
  configuration.setLocalCertificate(new QSslCertificate(pem('server.crt')));
  configuration.setPrivateKey(new QSslKey(pem('server.key'), QSsl.Ec));
  return configuration;
}

function serve(mode = SslMode.NonSecureMode, address = QHostAddress.LocalHost) {
  const server = new QWebSocketServer('smoke', mode);
  if (mode === SslMode.SecureMode) server.setSslConfiguration(presenting(new QSslConfiguration()));
  return listen(server, address);
}

function listen(server, address = QHostAddress.LocalHost) {
  if (!welcome(server).listen(address)) throw new Error(server.errorString());
  return server;
}

/** Has `server` send back what it is sent, or go when it is told to. */
function welcome(server) {
  servers.push(server);
  server.newConnection.connect(() => {
    const socket = server.nextPendingConnection();
    socket.textMessageReceived.connect((message) => {
      if (message === 'close') socket.close(4001, 'Grüße');
      else if (message === 'abort') socket.abort();
      else if (message === 'who') tellPeer(socket);
      else socket.sendTextMessage(message);
    });
    socket.binaryMessageReceived.connect((message) => void socket.sendBinaryMessage(message));
  });
  return server;
}

function tellPeer(socket) {
  socket.sendTextMessage(`${socket.peerAddress().toString()}:${socket.peerPort()}`);
}

async function open(url, configuration, socket = new QWebSocket()) {
  if (configuration !== undefined) socket.setSslConfiguration(configuration);
  const ready = emitted(socket.connected);
  const failed = emitted(socket.errorOccurred).then(() => {
    throw new Error(socket.errorString());
  });
  socket.open(url);
  await Promise.race([ready, failed]);
  failed.catch(() => {});
  return socket;
}

async function failureOf(url, configuration) {
  const socket = new QWebSocket();
  if (configuration !== undefined) socket.setSslConfiguration(configuration);
  const failed = emitted(socket.errorOccurred);
  socket.connected.connect(() => socket.abort());
  socket.open(url);
  const [error] = await failed;
  return { error, words: socket.errorString() };
}

async function converse(socket) {
  for (const text of ['', 'hello', 'aä€😀'.repeat(100_000), 'x'.repeat(2 ** 23)]) {
    await echo(socket, text);
  }
  const bytes = Buffer.alloc(2 ** 20, 'bytes');
  const answer = emitted(socket.binaryMessageReceived);
  socket.sendBinaryMessage(bytes);
  equal(bytes.equals((await answer)[0]), true);
}

async function echo(socket, text) {
  const answer = emitted(socket.textMessageReceived);
  socket.sendTextMessage(text);
  equal((await answer)[0] === text, true);
}

async function end(socket, server) {
  const gone = emitted(socket.disconnected);
  socket.close();
  await gone;
  equal(socket.closeCode(), 1000);
  server?.close();
}

/** Says something to `server` through `proxy`, which is made to lead anywhere. */
async function throughProxy(server, proxy, isEncrypted = false) {
  proxy.on('connect', (request, stream) => {
    const [host, port] = request.url.split(':');
    const target = net.connect(Number(port), host, () => {
      stream.write('HTTP/1.1 200 Connection established\r\n\r\n');
      stream.pipe(target).pipe(stream);
    });
    target.on('error', () => stream.destroy());
    stream.on('error', () => target.destroy());
  });
  await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  try {
    const way = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.address().port);
    way.setEncrypted(isEncrypted);
    const socket = new QWebSocket();
    socket.setProxy(way);
    await inTime(open(server.serverUrl(), trusting(), socket));
    await inTime(echo(socket, 'x'.repeat(100_000)));
    await inTime(end(socket, server));
  } finally {
    proxy.close();
  }
}

function keyPair() {
  return { cert: pem('server.crt'), key: pem('server.key') };
}

async function attached(httpServer, scheme, client) {
  httpServer.on('request', (_, response) => response.end('page'));
  const server = welcome(new QWebSocketServer('smoke', SslMode.NonSecureMode));
  server.attach(httpServer);
  await new Promise((resolve) => httpServer.listen(0, '127.0.0.1', resolve));
  const place = `127.0.0.1:${httpServer.address().port}`;
  const socket = await open(`${scheme}://${place}/`, trusting());
  await echo(socket, 'x'.repeat(100_000));
  const page = await new Promise((resolve, reject) => {
    const options = { ca: pem('ca.crt'), agent: false };
    const request = client.get(`${scheme.replace('ws', 'http')}://${place}/`, options, resolve);
    request.on('error', reject);
  });
  page.resume();
  equal(page.statusCode, 200);
  await end(socket, server);
  httpServer.close();
}

function emitted(signal) {
  return new Promise((resolve) => {
    const connection = signal.connect((...args) => {
      connection.disconnect();
      resolve(args);
    });
  });
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}

async function inTime(work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('nothing happens')), PATIENCE_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

// Compares many WebSockets on one connection of HTTP/2 with as many over HTTP/1.1, both over TLS.
//
//   npm run build && node bench/http2.mjs [SOCKETS [ROUNDS]]
//
// Server and clients have a process each, which lives for one sample. See docs/how-to/http2.md.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import * as library from '../dist/esm/index.js';

const FILE = fileURLToPath(import.meta.url);
const certificate = (name) =>
  readFileSync(new URL(`../spec/oracle/certs/${name}`, import.meta.url), 'latin1');

const WAYS = ['HTTP/1.1', 'HTTP/2'];

// Opened and closed before anything is counted, so that what is compiled and made once belongs to none.
const SOME = 50;
const MESSAGES = 20;

const [role] = process.argv.slice(2);
if (role === 'server') serve();
else if (role === 'client') ask();
else await compare();

async function compare() {
  const [count = '1000', rounds = '3'] = process.argv.slice(2);
  const samples = new Map(WAYS.map((way) => [way, []]));
  for (let round = 0; round < Number(rounds); round++) {
    for (const way of round % 2 === 0 ? WAYS : WAYS.toReversed()) {
      samples.get(way).push(await sample(way, Number(count)));
    }
  }
  console.log(`${count} sockets over TLS, medians of ${rounds} rounds, Node ${process.version}`);
  for (const [way, all] of samples) {
    const medians = Object.keys(all[0]).map((name) => {
      const values = all.map((figures) => figures[name]).toSorted((a, b) => a - b);
      return `${name} ${values[values.length >> 1].toPrecision(3)}`;
    });
    console.log(`${way}: ${medians.join(', ')}`);
  }
}

async function sample(way, count) {
  const server = fork(FILE, ['server'], { execArgv: ['--expose-gc'] });
  const [port] = await once(server, 'message');
  const client = fork(FILE, ['client'], { execArgv: ['--expose-gc'] });
  const say = async (child, words) => {
    child.send(words);
    return (await once(child, 'message'))[0];
  };
  await say(client, { open: SOME, port, way });
  await say(client, { close: true });
  await pause(500);

  const before = [await say(server, { look: true }), await say(client, { look: true })];
  const { seconds } = await say(client, { open: count, port, way });
  const opened = [await say(server, { look: true }), await say(client, { look: true })];
  await say(client, { echo: MESSAGES });
  const echoed = [await say(server, { look: true }), await say(client, { look: true })];
  server.kill();
  client.kill();

  const [server0, client0] = before;
  const [server1, client1] = opened;
  const each = (after, earlier) => (after - earlier) / count;
  return {
    'handshakes/s': count / seconds,
    'server CPU ms/handshake': each(server1.cpu, server0.cpu) / 1000,
    'client CPU ms/handshake': each(client1.cpu, client0.cpu) / 1000,
    'server KiB/socket': each(server1.rss, server0.rss) / 1024,
    'client KiB/socket': each(client1.rss, client0.rss) / 1024,
    'server CPU µs/echo': each(echoed[0].cpu, server1.cpu) / MESSAGES,
    'client CPU µs/echo': each(echoed[1].cpu, client1.cpu) / MESSAGES,
  };
}

function serve() {
  const { QHostAddress, QSsl, QSslCertificate, QSslConfiguration, QSslKey } = library;
  const configuration = new QSslConfiguration();
  configuration.setLocalCertificate(new QSslCertificate(certificate('server.crt')));
  configuration.setPrivateKey(new QSslKey(certificate('server.key'), QSsl.Rsa));
  configuration.setAllowedNextProtocols(['h2', 'http/1.1']);
  const server = new library.QWebSocketServer('Bench', library.SslMode.SecureMode);
  server.setSslConfiguration(configuration);
  server.newConnection.connect(() => {
    const socket = server.nextPendingConnection();
    socket.textMessageReceived.connect((text) => socket.sendTextMessage(text));
  });
  server.listen(QHostAddress.LocalHost);
  process.on('message', () => process.send(look()));
  process.send(server.serverPort());
}

function ask() {
  const configuration = library.QSslConfiguration.defaultConfiguration();
  configuration.setCaCertificates([new library.QSslCertificate(certificate('ca.crt'))]);
  let sockets = [];

  const actions = {
    open: async (count, { port, way }) => {
      const start = performance.now();
      const { Http2AllowedAttribute } = library.QNetworkRequest;
      sockets = Array.from({ length: count }, () => new library.QWebSocket());
      const connected = sockets.map((socket) => emitted(socket.connected));
      for (const socket of sockets) {
        const request = new library.QNetworkRequest(`wss://127.0.0.1:${port}/`);
        request.setAttribute(Http2AllowedAttribute, way === 'HTTP/2');
        socket.setSslConfiguration(configuration);
        socket.open(request);
      }
      await Promise.all(connected);
      return { seconds: (performance.now() - start) / 1000 };
    },
    close: async () => {
      const gone = sockets.map((socket) => emitted(socket.disconnected));
      for (const socket of sockets) socket.close();
      await Promise.all(gone);
      return {};
    },
    echo: async (count) => {
      for (let i = 0; i < count; i++) {
        const answers = sockets.map((socket) => emitted(socket.textMessageReceived));
        for (const socket of sockets) socket.sendTextMessage('x'.repeat(125));
        await Promise.all(answers);
      }
      return {};
    },
    look: () => look(),
  };

  process.on('message', async (words) => {
    const [[action, value]] = Object.entries(words);
    process.send(await actions[action](value, words));
  });
}

function emitted(signal) {
  return new Promise((resolve) => {
    const connection = signal.connect((...args) => {
      library.disconnect(connection);
      resolve(args);
    });
  });
}

/** The CPU time in µs, and the memory in bytes that the process has. */
function look() {
  globalThis.gc();
  const { user, system } = process.cpuUsage();
  return { cpu: user + system, rss: process.memoryUsage().rss };
}

// How many deliveries of topics 1, 2 and 4 processes make, alone and over NATS and Redis:
//   npm run build && node bench/topics.mjs
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { connectTopicBroker } from '../dist/esm/brokers.js';
import { QHostAddress, QWebSocketServer } from '../dist/esm/index.js';
import { ByteCount, upgraded } from './support/counting-clients.mjs';

const CLIENTS = 800;
const SIZE = 128;
const AT_ONCE = 16;
const TURNS = 40;
const WARM_UP = 20;
const ROUNDS = 5;
const TOPIC = 'price';
const RETAINED = { retain: true };

const BROKERS = {
  nats: ['nats-server', (port, folder) => ['-a', '127.0.0.1', '-p', port, '-js', '-sd', folder]],
  redis: ['redis-server', (port) => ['--bind', '127.0.0.1', '--port', port, '--save', '']],
};

const [, , role, ...args] = process.argv;
if (role === 'server') await beServer(args[0]);
else if (role === 'clients') await beClients(args.map(Number));
else await measure();

/** A process that has every client subscribe to the topic. */
async function beServer(url) {
  const server = new QWebSocketServer('Bench');
  server.setMaxPendingConnections(CLIENTS);
  if (url !== '') server.setTopicBroker(await connectTopicBroker(url, { prefix: 'bench' }));
  server.newConnection.connect(() => server.subscribe(server.nextPendingConnection(), TOPIC));
  server.listen(QHostAddress.LocalHost);
  process.on('message', (message) => {
    if (message === 'usage') process.send(process.cpuUsage());
    else for (const text of message) server.publish(TOPIC, text, RETAINED);
  });
  process.send(server.serverPort());
}

/** A process of clients, spread over the ports, that count the bytes they get. */
async function beClients(ports) {
  const count = new ByteCount();
  for (let index = 0; index < CLIENTS; index++) {
    const socket = await upgraded(ports[index % ports.length]);
    socket.on('data', ({ length }) => count.add(length));
  }
  process.on('message', (message) => count.want(message));
  process.send('connected');
}

async function measure() {
  const rows = [{ broker: 'none', processes: 1 }];
  for (const broker of Object.keys(BROKERS)) {
    for (const processes of [1, 2, 4]) rows.push({ broker, processes });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows.toSorted(() => Math.random() - 0.5)) {
      const sample = await sampleOf(row);
      for (const [name, value] of Object.entries(sample)) (row[name] ??= []).push(value);
    }
  }
  console.log(
    `${CLIENTS} clients of one topic, ${AT_ONCE} retained messages of ${SIZE} bytes at a time, ` +
      `${availableParallelism()} cores for all processes, clients and broker included; ` +
      `medians of ${ROUNDS}, load ${loadavg()[0].toFixed(1)}:`,
  );
  console.table(
    rows.map(({ broker, processes, rate, cost, busiest }) => ({
      broker,
      processes,
      'deliveries a second': Math.round(median(rate)).toLocaleString('en'),
      'CPU of all servers, µs a delivery': median(cost).toFixed(2),
      'CPU of the busiest, µs a delivery': median(busiest).toFixed(2),
    })),
  );
}

async function sampleOf({ broker, processes }) {
  const { url, end } = broker === 'none' ? { url: '', end() {} } : await startBroker(broker);
  const servers = Array.from({ length: processes }, () => start('server', url));
  const ports = [];
  for (const server of servers) ports.push((await once(server, 'message'))[0]);
  const clients = start('clients', ...ports);
  await once(clients, 'message');
  const publish = broker === 'none' ? (texts) => servers[0].send(texts) : await publisher(url);

  let number = 0;
  const turn = async () => {
    const texts = Array.from({ length: AT_ONCE }, () => String(number++).padEnd(SIZE, '.'));
    publish(texts);
    // With the header of each frame.
    clients.send(CLIENTS * AT_ONCE * (SIZE + 4));
    await once(clients, 'message');
  };
  for (let count = 0; count < WARM_UP; count++) await turn();
  const before = await usages(servers);
  const began = performance.now();
  for (let count = 0; count < TURNS; count++) await turn();
  const seconds = (performance.now() - began) / 1000;
  const after = await usages(servers);

  for (const child of [clients, ...servers]) child.kill('SIGKILL');
  publish.close?.();
  end();
  const deliveries = CLIENTS * AT_ONCE * TURNS;
  const costs = after.map((usage, index) => (usage - before[index]) / deliveries);
  return {
    rate: deliveries / seconds,
    cost: costs.reduce((sum, cost) => sum + cost),
    busiest: Math.max(...costs),
  };
}

/** Publishes from here, as the feeder of the stock ticker does. */
async function publisher(url) {
  const broker = await connectTopicBroker(url, { prefix: 'bench' });
  const server = new QWebSocketServer('Bench');
  server.setTopicBroker(broker);
  const publish = (texts) => {
    for (const text of texts) server.publish(TOPIC, text, RETAINED);
  };
  publish.close = () => broker.close();
  return publish;
}

async function startBroker(kind) {
  const [program, options] = BROKERS[kind];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const port = await freePort();
  const child = spawn(program, options(String(port), folder), {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    cwd: folder,
  });
  const url = `${kind}://127.0.0.1:${port}`;
  while (!(await isThere(port))) await setTimeout(10);
  const end = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, end };
}

async function isThere(port) {
  const socket = connect(port, '127.0.0.1');
  const isOpen = await once(socket, 'connect').then(
    () => true,
    () => false,
  );
  socket.destroy();
  return isOpen;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function start(...parameters) {
  return fork(fileURLToPath(import.meta.url), parameters.map(String));
}

/** CPU time of each, in microseconds. */
async function usages(servers) {
  const all = [];
  for (const server of servers) {
    server.send('usage');
    const [{ user, system }] = await once(server, 'message');
    all.push(user + system);
  }
  return all;
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

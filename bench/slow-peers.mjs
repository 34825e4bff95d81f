// What a peer that reads nothing costs the others, and what it takes of memory:
//   npm run build && node --expose-gc bench/slow-peers.mjs
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  BackPressure,
  QHostAddress,
  QueuePolicy,
  QWebSocketPreparedMessage,
  QWebSocketServer,
} from '../dist/esm/index.js';
import { ByteCount, upgraded, UPGRADE } from './support/counting-clients.mjs';

const KiB = 1024;
const PEERS = 1000;
const KEYS = 100;
const AT_ONCE = 16;
const TURNS = 60;
const WARM_UP = 30;
const ROUNDS = 5;

/** Asks to be let in, takes the answer, and nothing after that. */
class StuckStream extends Duplex {
  #writes = 0;

  constructor() {
    super();
    this.push(UPGRADE);
  }

  _read() {}

  _write(chunk, encoding, done) {
    if (this.#writes++ === 0) done();
  }
}

if (process.argv[2] === 'peers') await bePeers(Number(process.argv[3]));
else {
  await measure();
  await measureMemory();
}

/** A process of clients that count what they get; the first one stops reading when it is told to. */
async function bePeers(port) {
  const count = new ByteCount();
  let isStalled = false;
  const sockets = [];
  for (let index = 0; index < PEERS; index++) {
    const socket = await upgraded(port);
    socket.on('data', ({ length }) => {
      if (index > 0 || !isStalled) count.add(length);
    });
    sockets.push(socket);
  }
  process.on('message', (message) => {
    if (message === 'stall') {
      isStalled = true;
      sockets[0].pause();
      process.send('stalled');
      return;
    }
    count.want(message);
  });
  process.send('connected');
}

async function measure() {
  const rows = [];
  for (const isStalled of [false, true]) {
    for (const way of ['broadcastTextMessage()', 'BackPressure']) rows.push({ way, isStalled });
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const row of rows.toSorted(() => Math.random() - 0.5)) {
      const sample = await sampleOf(row);
      for (const [name, value] of Object.entries(sample)) (row[name] ??= []).push(value);
    }
  }
  console.log(`${PEERS} peers, ${AT_ONCE} messages of 128 bytes in a turn, medians of ${ROUNDS}:`);
  console.table(
    rows.map(({ way, isStalled, cost, turn, waiting }) => ({
      way,
      'peers that do not read': isStalled ? 1 : 0,
      'CPU, µs a delivery': median(cost).toFixed(2),
      'all others have a turn after, ms': median(turn).toFixed(1),
      'waits for the one, KiB': (median(waiting) / KiB).toFixed(0),
    })),
  );
}

async function sampleOf({ way, isStalled }) {
  const server = new QWebSocketServer('Bench');
  server.setMaxPendingConnections(PEERS);
  server.listen(QHostAddress.LocalHost);
  const pressure = new BackPressure({ policy: QueuePolicy.LatestPerKey });
  const peers = fork(fileURLToPath(import.meta.url), ['peers', String(server.serverPort())]);
  await once(peers, 'message');
  const sockets = [];
  while (sockets.length < PEERS) sockets.push(server.nextPendingConnection());
  const [slow] = sockets;
  if (isStalled) {
    peers.send('stall');
    await once(peers, 'message');
    // As much as the systems of both sides keep for it.
    const ballast = new Uint8Array(256 * KiB);
    while (slow.bytesToWrite() < 64 * KiB) {
      slow.sendBinaryMessage(ballast);
      await setTimeout(5);
    }
  }
  const readers = isStalled ? PEERS - 1 : PEERS;
  let number = 0;
  const turn = async () => {
    for (let index = 0; index < AT_ONCE; index++) {
      const key = `K${number++ % KEYS}`;
      const message = `${key} ${number}`.padEnd(128, '.');
      if (way === 'BackPressure') pressure.broadcast(server, message, { key });
      else server.broadcastTextMessage(message);
    }
    // With the header of each frame.
    peers.send(readers * AT_ONCE * (128 + 4));
    await once(peers, 'message');
  };
  for (let count = 0; count < WARM_UP; count++) await turn();
  const before = slow.bytesToWrite();
  const times = [];
  const cpu = process.cpuUsage();
  for (let count = 0; count < TURNS; count++) {
    const began = performance.now();
    await turn();
    times.push(performance.now() - began);
  }
  const { user, system } = process.cpuUsage(cpu);
  const waiting = slow.bytesToWrite() - before + pressure.waitingBytes(slow);
  peers.kill();
  await once(peers, 'exit');
  server[Symbol.dispose]();
  pressure[Symbol.dispose]();
  return { cost: (user + system) / TURNS / AT_ONCE / readers, turn: median(times), waiting };
}

/** What the object takes for peers that are congested, and for those that are not. */
async function measureMemory() {
  const server = new QWebSocketServer('Bench');
  server.setMaxPendingConnections(PEERS);
  server.setMaxPendingHandshakes(PEERS);
  const streams = Array.from({ length: PEERS }, () => new StuckStream());
  for (const stream of streams) server.handleConnection(stream);
  while (!server.hasPendingConnections()) await setTimeout(10);
  const sockets = [];
  while (sockets.length < PEERS) {
    const socket = server.nextPendingConnection();
    if (socket === null) await setTimeout(10);
    else sockets.push(socket);
  }
  const pressure = new BackPressure({ policy: QueuePolicy.LatestPerKey, highWaterMark: 0 });
  server.broadcastTextMessage('');
  await setTimeout(100);
  const stuck = heap();
  pressure.broadcast(server, 'x');
  await setTimeout(100);
  const congested = heap();
  const prices = Array.from({ length: KEYS }, (_, key) =>
    QWebSocketPreparedMessage.fromText(`K${key}`.padEnd(128, '.')),
  );
  for (const [key, price] of prices.entries()) {
    pressure.broadcast(server, price, { key: `K${key}` });
  }
  const full = heap();
  console.log(`Heap for each of ${PEERS} peers that read nothing:`);
  console.table({
    'being congested, with one message that waits': `${((congested - stuck) / PEERS).toFixed(0)} bytes`,
    [`${KEYS} values that wait, shared by all`]: `${((full - congested) / PEERS / KEYS).toFixed(0)} bytes a value`,
  });
  for (const stream of streams) stream.destroy();
  server[Symbol.dispose]();
}

function heap() {
  for (let count = 0; count < 3; count++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

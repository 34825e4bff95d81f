// What a server, or a client, costs over loopback: the CPU time of its process for each message.
import { compare } from './support/comparison.mjs';
import {
  batchOf,
  COMPRESSED_TEXT,
  deflated,
  inflated,
  opcodeOf,
  payloadsOf,
  rowsOf,
  TEXT,
} from './support/frames.mjs';
import { Load } from './support/load.mjs';
import { cost, memoryOfEach, observed, pause, reading, withServer } from './support/sampling.mjs';
import { Target } from './support/target.mjs';

export { compare };

const KiB = 1024;
const MiB = 1024 * KiB;

const DEFLATE = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';

/** What is compared on the rows that are said to be for everybody. */
const EVERYBODY = ['qwebsockets', 'ws', 'ws-addons', 'websocket', 'faye-websocket', 'qt', 'raw'];
const CLIENTS = ['qwebsockets', 'ws', 'ws-addons', 'raw'];

// The sizes of echoes that are for everybody, and their kinds.
const FOR_EVERYBODY = new Set(['ascii 125', `binary ${KiB}`, `binary ${64 * KiB}`]);

/** @typedef {'ascii' | 'mixed' | 'binary'} Kind */

/** @type {import('./support/comparison.mjs').Workload[]} */
export const workloads = [
  echo('ascii', 32, 8),
  echo('ascii', 125, 8),
  echo('binary', 125, 9),
  echo('mixed', 125, 2.7),
  echo('ascii', KiB, 6.5),
  echo('binary', KiB, 7.5),
  echo('mixed', KiB, 1.5),
  echo('ascii', 16 * KiB, 3.8),
  echo('binary', 16 * KiB, 4.5),
  echo('mixed', 16 * KiB, 1),
  echo('ascii', 64 * KiB, 3),
  echo('binary', 64 * KiB, 3.8),
  echo('mixed', 64 * KiB, 1),
  echo('ascii', MiB, 2.4),
  echo('binary', MiB, 3),
  deflate('compressed', 'deflate', 1.2),
  deflate('compressed alone', 'deflate-each', 1.5),
  latency(1, 1.1),
  latency(50, 1.3),
  broadcast(1, 1.3),
  broadcast(16, 10),
  broadcastByLoop(1, 1.3),
  broadcastByLoop(16, 10),
  deflateMemory(5),
  handshakes(1.4),
  memory(1 / 0.9),
  client('echo', 'ascii', 125, 7),
  client('echo', 'binary', KiB, 8),
  client('echo', 'binary', 64 * KiB, 3.5),
  client('send', 'ascii', 125, 10),
  client('send', 'binary', KiB, 10),
  client('send', 'binary', 64 * KiB, 5),
  client('receive', 'ascii', 125, 1.5),
  client('receive', 'binary', KiB, 1.4),
];

/** @returns {import('./support/comparison.mjs').Workload} */
function echo(/** @type {Kind} */ kind, size, target) {
  const connections = size >= MiB ? 4 : size >= 64 * KiB ? 10 : 50;
  const inFlight = size >= MiB ? 2 : size >= 64 * KiB ? 4 : size >= 16 * KiB ? 8 : 32;
  return {
    name: `server echo ${sizeName(size)} ${kindName(kind)}, ${connections} x ${inFlight}`,
    unit: 'µs/message',
    target,
    rivals: echoRivals(kind, size),
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        const payloads = payloadsOf(kind, size, inFlight);
        await load.connect(port, connections);
        await load.probe(opcodeOf(kind), payloads[0]);
        await load.echo(batchOf(opcodeOf(kind), payloads, true), inFlight);
        return observed(server, load, conditions);
      }),
  };
}

function echoRivals(kind, size) {
  const isForEverybody = FOR_EVERYBODY.has(`${kind} ${size}`);
  const some = isForEverybody ? EVERYBODY : ['qwebsockets', 'ws', 'ws-addons', 'qt', 'raw'];
  return kind === 'binary' ? some : some.toSpliced(2, 0, 'ws-str');
}

/** @returns {import('./support/comparison.mjs').Workload} */
function deflate(name, mode, target) {
  const size = 4 * KiB;
  return {
    name: `server echo 4 KiB of JSON, ${name}, 20 x 8`,
    unit: 'µs/message',
    target,
    rivals: ['qwebsockets', 'ws', 'ws-str'],
    run: (rival, conditions) =>
      withServer(rival, mode, conditions, async (server, load, port) => {
        const payloads = rowsOf(size, 64).map(deflated);
        await load.connect(port, 20, DEFLATE);
        await probeDeflated(load, payloads[0]);
        await load.echo(batchOf(COMPRESSED_TEXT, payloads, true), 8);
        const sample = await observed(server, load, conditions);
        const { messages, bytes } = await load.usage();
        const ofTheSize = bytes / messages / size;
        return { ...sample, more: { ...sample.more, 'of the size': ofTheSize } };
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function deflateMemory(target) {
  const count = 500;
  return {
    name: `server memory of a compressed connection, ${count}`,
    unit: 'KiB/connection',
    target,
    rivals: ['qwebsockets', 'ws'],
    run: (rival, conditions) =>
      withServer(rival, 'deflate', conditions, async (server, load, port) => {
        const payloads = rowsOf(4 * KiB, 32).map(deflated);
        const batch = batchOf(COMPRESSED_TEXT, payloads, true);
        const carry = async (connections) => {
          for (let i = 0; i < connections; i++) {
            await load.connect(port, 1, DEFLATE);
            await load.echo(batch, 1, payloads.length);
          }
        };
        // What is made once belongs to no connection.
        await carry(200);
        const before = await server.memory();
        await carry(count);
        const after = await server.memory();
        // What zlib takes is in no heap.
        const { heap, rss } = memoryOfEach(before, after, count);
        return { cost: rss, more: { 'in the heap': heap } };
      }),
  };
}

/** Checks that the first reply is what was sent, compressed. */
async function probeDeflated(load, payload) {
  const text = inflated(payload);
  await load.probe(COMPRESSED_TEXT, payload, (reply) => {
    return reply.length < text.length && inflated(reply).equals(text);
  });
}

/** @returns {import('./support/comparison.mjs').Workload} */
function latency(connections, target) {
  return {
    name: `server echo 125 B text, 1 in flight on ${connections}`,
    unit: 'µs/message',
    target,
    rivals: EVERYBODY,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        const [payload] = payloadsOf('ascii', 125, 1);
        await load.connect(port, connections);
        await load.probe(TEXT, payload);
        await load.echo(batchOf(TEXT, [payload], true), 1);
        return observed(server, load, conditions);
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function broadcast(atOnce, target, mode = 'broadcast') {
  return {
    name: `server broadcast to 500, ${atOnce} at a time`,
    unit: 'µs/delivery',
    target,
    rivals: EVERYBODY,
    run: (rival, conditions) =>
      withServer(rival, mode, conditions, async (server, load, port) => {
        const payloads = payloadsOf('ascii', 128, atOnce);
        await load.connect(port, 500);
        await load.probe(TEXT, payloads[0]);
        // The others have received the probe as well.
        await pause(100);
        await load.broadcast(batchOf(TEXT, payloads, true));
        return observed(server, load, conditions);
      }),
  };
}

/** The same by a program that sends to one socket after the other, as with Qt. */
function broadcastByLoop(atOnce, target) {
  const workload = broadcast(atOnce, target, 'broadcast-loop');
  return { ...workload, name: `${workload.name}, by a loop`, rivals: ['qwebsockets', 'ws'] };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function handshakes(target) {
  // Fewer than this leave much of the code uncompiled, of ws as well as of ours.
  const warmUp = 4000;
  const count = 2000;
  return {
    name: `server handshakes, ${count}, 64 at once`,
    unit: 'µs/connection',
    target,
    rivals: EVERYBODY,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        await load.connect(port, warmUp);
        const before = await reading(server, load);
        await load.connect(port, count);
        return cost(before, await reading(server, load), count);
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function memory(target) {
  const count = 5000;
  return {
    name: `server memory of an idle connection, ${count}`,
    unit: 'KiB/connection',
    target,
    rivals: EVERYBODY,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        // What is made once belongs to no connection.
        await load.connect(port, 100);
        const before = await server.memory();
        await load.connect(port, count);
        await pause(300);
        const after = await server.memory();
        const { heap, rss } = memoryOfEach(before, after, count);
        return { cost: heap, more: { 'resident KiB': rss } };
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function client(direction, /** @type {Kind} */ kind, size, target) {
  const connections = size >= 64 * KiB ? 10 : 50;
  const inFlight = size >= 64 * KiB ? 4 : 32;
  const verb = direction === 'echo' ? 'echo' : `${direction} only`;
  return {
    name: `client ${verb} ${sizeName(size)} ${kindName(kind)}, ${connections} x ${inFlight}`,
    unit: 'µs/message',
    target,
    rivals: CLIENTS,
    run: async (rival, conditions) => {
      // A server that sends on and on does so in large pieces.
      const count = direction === 'receive' ? Math.ceil((64 * KiB) / size) : inFlight;
      const payloads = payloadsOf(kind, size, count);
      const load = new Load();
      const port = await load.listen(direction, batchOf(opcodeOf(kind), payloads, false));
      const args = [port, direction, kind, size, connections, inFlight];
      const measured = new Target('clients', rival, args, conditions.profiles);
      try {
        await measured.told();
        return await observed(measured, load, conditions, direction !== 'send');
      } finally {
        await measured.end();
        await load.end();
      }
    },
  };
}

function sizeName(size) {
  if (size >= MiB) return `${size / MiB} MiB`;
  return size >= KiB ? `${size / KiB} KiB` : `${size} B`;
}

function kindName(kind) {
  return kind === 'ascii' ? 'text' : kind === 'mixed' ? 'mixed text' : 'binary';
}

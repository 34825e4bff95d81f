// What a server, or a client, costs over loopback: the CPU time of its process for each message.
//
// Each sample has a process of its own. Rivals take turns, round by round, in changing order.
import { Child } from './support/child.mjs';
import {
  BINARY,
  COMPRESSED_TEXT,
  deflated,
  inflated,
  payloadsOf,
  rowsOf,
  TEXT,
} from './support/frames.mjs';
import {
  BroadcastLoad,
  CheapServer,
  DeflateLoad,
  EchoLoad,
  LatencyLoad,
  openAll,
  probe,
} from './support/peer.mjs';
import { quantile, rotated, spread } from './support/statistics.mjs';

const KiB = 1024;
const MiB = 1024 * KiB;

/** @typedef {'ascii' | 'mixed' | 'binary'} Kind */

/**
 * @typedef {object} Conditions
 * @property {number} warmUp milliseconds until a process is looked at.
 * @property {number} window milliseconds for which it is looked at.
 * @property {string} [profiles] the folder for CPU profiles of the process.
 */

/**
 * @typedef {object} Sample
 * @property {number} cost what is compared: lower is better.
 * @property {number} [peer] the CPU of our own process for the same work, in the same unit.
 * @property {Record<string, number>} [more] what else was seen.
 */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} unit of the cost.
 * @property {string[]} rivals the first two are those of `--quick`; `ws` is what all are compared to.
 * @property {number} [target] how many times cheaper than ws we want to be.
 * @property {(rival: string, conditions: Conditions) => Promise<Sample>} run
 */

/** @type {Workload[]} */
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
  deflate('with context takeover', 'deflate', 1.2),
  deflate('without', 'deflate-each', 1.5),
  latency(1, 1.1),
  latency(50, 1.3),
  broadcast(1, 1.3),
  broadcast(16, 10),
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

/**
 * @param {Workload} workload
 * @param {object} options
 * @param {number} options.rounds
 * @param {boolean} options.isQuick
 * @param {string} [options.profiles] the folder for CPU profiles of our side.
 * @param {(text: string) => void} options.say
 */
export async function compare(workload, { rounds, isQuick, profiles, say }) {
  const time = isQuick ? { warmUp: 200, window: 300 } : { warmUp: 400, window: 700 };
  const rivals = isQuick ? workload.rivals.slice(0, 2) : workload.rivals;
  const samples = Object.fromEntries(rivals.map((rival) => [rival, []]));
  for (let round = 0; round < rounds; round++) {
    for (const rival of rotated(rivals, round)) {
      say(`${workload.name}: round ${round + 1}/${rounds}, ${rival}`);
      const isOurs = rival === 'qwebsockets';
      const conditions = { ...time, profiles: isOurs ? profiles : undefined };
      samples[rival].push(await workload.run(rival, conditions));
    }
  }
  return {
    name: workload.name,
    unit: workload.unit,
    target: workload.target,
    results: rivals.map((rival) => ({ rival, ...summary(samples[rival], samples.ws) })),
  };
}

/** The ratio is made round by round, so that what slows the machine for a while falls out of it. */
function summary(samples, reference) {
  const more = {};
  for (const name of Object.keys(samples[0].more ?? {})) {
    more[name] = spread(samples.map((sample) => sample.more[name]));
  }
  return {
    cost: spread(samples.map((sample) => sample.cost)),
    ratio: spread(samples.map((sample, round) => reference[round].cost / sample.cost)),
    peer: spread(samples.map(({ peer }) => peer ?? NaN)),
    more,
  };
}

/** @returns {Workload} */
function echo(/** @type {Kind} */ kind, size, target) {
  const connections = size >= MiB ? 4 : size >= 64 * KiB ? 10 : 50;
  const inFlight = size >= MiB ? 2 : size >= 64 * KiB ? 4 : size >= 16 * KiB ? 8 : 32;
  return {
    name: `server echo ${sizeName(size)} ${kindName(kind)}, ${connections} x ${inFlight}`,
    unit: 'µs/message',
    target,
    rivals: ['qwebsockets', 'ws', ...(kind === 'binary' ? [] : ['ws-str']), 'raw'],
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, port) => {
        const peers = await openAll(port, connections);
        const payloads = payloadsOf(kind, size, inFlight);
        const replySize = await probe(peers[0], opcodeOf(kind), payloads[0]);
        const load = new EchoLoad(peers, opcodeOf(kind), payloads, replySize);
        return observed(server, load, conditions);
      }),
  };
}

/** @returns {Workload} */
function deflate(name, mode, target) {
  const size = 4 * KiB;
  return {
    name: `server echo 4 KiB of JSON, compressed ${name}, 20 x 8`,
    unit: 'µs/message',
    target,
    rivals: ['qwebsockets', 'ws', 'ws-str'],
    run: (rival, conditions) =>
      withServer(rival, mode, conditions, async (server, port) => {
        const extensions = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
        const peers = await openAll(port, 20, { extensions });
        const payloads = rowsOf(size, 64);
        await probeDeflate(peers[0], payloads[0]);
        const load = new DeflateLoad(peers, payloads, 8);
        const sample = await observed(server, load, conditions);
        const ratio = load.bytes / load.count / size;
        return { ...sample, more: { ...sample.more, 'of the size': ratio } };
      }),
  };
}

/** @returns {Workload} */
function deflateMemory(target) {
  const count = 500;
  return {
    name: `server memory of a compressed connection that has carried 128 KiB each way, ${count}`,
    unit: 'KiB/connection',
    target,
    rivals: ['qwebsockets', 'ws'],
    run: (rival, conditions) =>
      withServer(rival, 'deflate', conditions, async (server, port) => {
        const extensions = 'Sec-WebSocket-Extensions: permessage-deflate\r\n';
        const payloads = rowsOf(4 * KiB, 32);
        const carry = async (connections) => {
          for (const peer of await openAll(port, connections, { extensions })) {
            for (const payload of payloads) {
              await probe(peer, COMPRESSED_TEXT, deflated(payload), (reply) => reply.length > 0);
            }
          }
        };
        // What is made once belongs to no connection.
        await carry(200);
        const before = await server.ask('memory');
        await carry(count);
        const after = await server.ask('memory');
        // What zlib takes is in no heap.
        const perConnection = (name) => (after[name] - before[name]) / count / KiB;
        return { cost: perConnection('rss'), more: { 'in the heap': perConnection('heap') } };
      }),
  };
}

/** Checks that the first reply is what was sent, compressed. */
async function probeDeflate(peer, payload) {
  await probe(peer, COMPRESSED_TEXT, deflated(payload), (reply) => {
    return reply.length < payload.length && inflated(reply).equals(payload);
  });
}

/** @returns {Workload} */
function latency(connections, target) {
  return {
    name: `server echo 125 B text, 1 in flight on ${connections}`,
    unit: 'µs/message',
    target,
    rivals: ['qwebsockets', 'ws', 'raw'],
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, port) => {
        const peers = await openAll(port, connections);
        const [payload] = payloadsOf('ascii', 125, 1);
        const replySize = await probe(peers[0], TEXT, payload);
        const load = new LatencyLoad(peers, TEXT, payload, replySize);
        const sample = await observed(server, load, conditions);
        const times = load.times.subarray(sample.first, Math.min(load.count, load.times.length));
        const p50 = 1000 * quantile(times, 0.5);
        const p99 = 1000 * quantile(times, 0.99);
        return { ...sample, more: { ...sample.more, 'p50 µs': p50, 'p99 µs': p99 } };
      }),
  };
}

/** @returns {Workload} */
function broadcast(atOnce, target) {
  return {
    name: `server broadcast 128 B text to 500, ${atOnce} at a time`,
    unit: 'µs/delivery',
    target,
    rivals: ['qwebsockets', 'ws', 'raw'],
    run: (rival, conditions) =>
      withServer(rival, 'broadcast', conditions, async (server, port) => {
        const peers = await openAll(port, 500);
        const payloads = payloadsOf('ascii', 128, atOnce);
        const replySize = await probe(peers[0], TEXT, payloads[0]);
        // The others have received the probe as well.
        await pause(100);
        const load = new BroadcastLoad(peers, TEXT, payloads, replySize);
        return observed(server, load, conditions);
      }),
  };
}

/** @returns {Workload} */
function handshakes(target) {
  // Fewer than this leave much of the code uncompiled, of ws as well as of ours.
  const warmUp = 4000;
  const count = 2000;
  return {
    name: `server handshakes, ${count}, 64 at once`,
    unit: 'µs/connection',
    target,
    rivals: ['qwebsockets', 'ws', 'raw'],
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, port) => {
        await openAll(port, warmUp);
        const before = await reading(server);
        await openAll(port, count);
        return cost(before, await reading(server), count);
      }),
  };
}

/** @returns {Workload} */
function memory(target) {
  const count = 5000;
  return {
    name: `server memory of an idle connection, ${count}`,
    unit: 'KiB/connection',
    target,
    rivals: ['qwebsockets', 'ws', 'raw'],
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, port) => {
        // What is made once belongs to no connection.
        await openAll(port, 100);
        const before = await server.ask('memory');
        await openAll(port, count);
        await pause(300);
        const after = await server.ask('memory');
        const perConnection = (name) => (after[name] - before[name]) / count / KiB;
        return { cost: perConnection('heap'), more: { 'resident KiB': perConnection('rss') } };
      }),
  };
}

/** @returns {Workload} */
function client(direction, /** @type {Kind} */ kind, size, target) {
  const connections = size >= 64 * KiB ? 10 : 50;
  const inFlight = size >= 64 * KiB ? 4 : 32;
  const verb = direction === 'echo' ? 'echo' : `${direction} only`;
  return {
    name: `client ${verb} ${sizeName(size)} ${kindName(kind)}, ${connections} x ${inFlight}`,
    unit: 'µs/message',
    target,
    rivals: ['qwebsockets', 'ws', 'raw'],
    run: async (rival, conditions) => {
      // A server that sends on and on does so in large pieces.
      const count = direction === 'receive' ? Math.ceil((64 * KiB) / size) : inFlight;
      const payloads = payloadsOf(kind, size, count);
      const server = new CheapServer({ direction, opcode: opcodeOf(kind), payloads });
      const port = await server.listen();
      const args = [port, direction, kind, size, connections, inFlight].map(String);
      const measured = new Child(
        new URL(`clients/${rival}.mjs`, import.meta.url),
        args,
        conditions.profiles,
      );
      try {
        await measured.told();
        return await observed(measured, direction === 'send' ? server : undefined, conditions);
      } finally {
        await measured.end();
        server.close();
      }
    },
  };
}

async function withServer(rival, mode, { profiles }, work) {
  const server = new Child(new URL(`servers/${rival}.mjs`, import.meta.url), [mode], profiles);
  try {
    const { port } = await server.told();
    return await work(server, port);
  } finally {
    // The connections end with it.
    await server.end();
  }
}

/** Looks at `child` for a while; `load` counts the messages, or the child itself does. */
async function observed(child, load, { warmUp, window }) {
  await pause(warmUp);
  const before = await reading(child, load);
  await pause(window);
  const after = await reading(child, load);
  const count = after.messages - before.messages;
  if (count === 0) throw new Error('Nothing has come in all the time.');
  return { ...cost(before, after, count), first: before.messages };
}

async function reading(child, load) {
  const { cpu, messages } = await child.ask('usage');
  const { user, system } = process.cpuUsage();
  return { cpu, peer: user + system, at: performance.now(), messages: load?.count ?? messages };
}

function cost(before, after, count) {
  const elapsed = after.at - before.at;
  return {
    cost: (after.cpu - before.cpu) / count,
    peer: (after.peer - before.peer) / count,
    more: {
      'thousand/s': count / elapsed,
      'CPU %': (after.cpu - before.cpu) / elapsed / 10,
    },
  };
}

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function opcodeOf(kind) {
  return kind === 'binary' ? BINARY : TEXT;
}

function sizeName(size) {
  if (size >= MiB) return `${size / MiB} MiB`;
  return size >= KiB ? `${size / KiB} KiB` : `${size} B`;
}

function kindName(kind) {
  return kind === 'ascii' ? 'text' : kind === 'mixed' ? 'mixed text' : 'binary';
}

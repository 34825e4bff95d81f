// How what a server costs grows with what it has to do: at best the cost of one stays the same.
import { compare } from './support/comparison.mjs';
import { batchOf, BINARY, payloadsOf, TEXT } from './support/frames.mjs';
import { memoryOfEach, observed, withServer } from './support/sampling.mjs';

export { compare };

const KiB = 1024;
const MiB = 1024 * KiB;

const IN_FLIGHT = 16;

// What is there before idle connections are counted, so that what is made once belongs to none.
const SOME = 200;

const RIVALS = ['qwebsockets', 'ws', 'raw'];

/** @type {import('./support/comparison.mjs').Workload[]} */
export const workloads = [
  ...[1, 10, 100, 1000, 5000].map(echo),
  ...[100, 500, 2000, 5000].map(broadcast),
  ...[100, 1000, 10_000].map(memory),
  ...[8, 16, 32, 64].map(stream),
];

/** @returns {import('./support/comparison.mjs').Workload} */
function echo(connections) {
  return {
    name: `growth: echo 125 B text, ${IN_FLIGHT} in flight on each of ${connections}`,
    unit: 'µs/message',
    growth: { series: 'echo: CPU per message, by connections', at: connections },
    rivals: RIVALS,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        const payloads = payloadsOf('ascii', 125, IN_FLIGHT);
        await load.connect(port, connections);
        await load.probe(TEXT, payloads[0]);
        await load.echo(batchOf(TEXT, payloads, true), IN_FLIGHT);
        return observed(server, load, conditions);
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function broadcast(subscribers) {
  return {
    name: `growth: broadcast 128 B text to ${subscribers}, 16 at a time`,
    unit: 'µs/delivery',
    growth: { series: 'broadcast: CPU per delivery, by subscribers', at: subscribers },
    rivals: RIVALS,
    run: (rival, conditions) =>
      withServer(rival, 'broadcast', conditions, async (server, load, port) => {
        await load.connect(port, subscribers);
        await load.broadcast(batchOf(TEXT, payloadsOf('ascii', 128, 16), true));
        return observed(server, load, conditions);
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function memory(connections) {
  return {
    name: `growth: memory of an idle connection, ${connections}`,
    unit: 'KiB/connection',
    growth: { series: 'idle: heap per connection, by connections', at: connections },
    rivals: RIVALS,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        await load.connect(port, SOME);
        const before = await server.memory();
        await load.connect(port, connections);
        const after = await server.memory();
        const { heap, rss } = memoryOfEach(before, after, connections);
        return { cost: heap, more: { 'resident KiB': rss } };
      }),
  };
}

/** @returns {import('./support/comparison.mjs').Workload} */
function stream(messages) {
  return {
    name: `growth: peak over the start while ${messages} messages of 16 MiB are echoed, 2 in flight`,
    unit: 'MiB',
    growth: {
      series: 'stream: memory over the start, by 16 MiB messages',
      at: messages,
    },
    rivals: RIVALS,
    run: (rival, conditions) =>
      withServer(rival, 'echo', conditions, async (server, load, port) => {
        const payloads = payloadsOf('binary', 16 * MiB, 2);
        await load.connect(port, 1);
        const before = await server.memory();
        await load.echo(batchOf(BINARY, payloads, true), 2, messages);
        const { peak } = await server.memory();
        return { cost: (peak - before.rss) / MiB, more: { 'at the start': before.rss / MiB } };
      }),
  };
}

// How the CPU time of a process is measured while it is driven.
import { Load } from './load.mjs';
import { Target } from './target.mjs';

/**
 * Starts a server and its load, and ends them when `work` is done.
 *
 * @param {string} mode see the files of `servers/`.
 */
export async function withServer(rival, mode, { profiles }, work) {
  const server = new Target('servers', rival, [mode], profiles);
  const load = new Load();
  try {
    const { port } = await server.told();
    return await work(server, load, port);
  } finally {
    await load.end();
    await server.end();
  }
}

/** Looks at `target` for a while. Messages are counted by `load`, or by the target. */
export async function observed(target, load, { warmUp, window }, isCountedByTarget = false) {
  await pause(warmUp);
  const before = await reading(target, load);
  await pause(window);
  const after = await reading(target, load);
  const counter = isCountedByTarget ? 'target' : 'load';
  const count = after[counter].messages - before[counter].messages;
  if (count === 0) throw new Error('Nothing has come in all the time.');
  return cost(before, after, count);
}

export async function reading(target, load) {
  return { target: await target.usage(), at: performance.now(), load: await load.usage() };
}

export function cost(before, after, count) {
  const elapsed = after.at - before.at;
  const cpu = after.target.cpu - before.target.cpu;
  return {
    cost: cpu / count,
    peer: (after.load.cpu - before.load.cpu) / count,
    more: {
      'thousand/s': count / elapsed,
      'CPU %': cpu / elapsed / 10,
      ...(after.load.p50 > 0 && { 'p50 µs': after.load.p50, 'p99 µs': after.load.p99 }),
    },
  };
}

/** What memory has grown by for each of `count` connections, in KiB. */
export function memoryOfEach(before, after, count) {
  const perConnection = (name) => (after[name] - before[name]) / count / 1024;
  return { heap: perConnection('heap'), rss: perConnection('rss') };
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

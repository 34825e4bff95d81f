// Each sample has a process of its own. Rivals take turns, round by round, in changing order.
import { rotated, spread } from './statistics.mjs';

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
 * @property {string[]} rivals `ws` is what all are compared to.
 * @property {number} [target] how many times cheaper than ws we want to be.
 * @property {{ series: string, at: number }} [growth] of which question about growth it is a part.
 * @property {(rival: string, conditions: Conditions) => Promise<Sample>} run
 */

/**
 * @param {Workload} workload
 * @param {object} options
 * @param {number} options.rounds
 * @param {boolean} options.isQuick
 * @param {(rival: string) => boolean} options.isWanted must be true for ws.
 * @param {string} [options.profiles] the folder for CPU profiles of our side.
 * @param {(text: string) => void} options.say
 */
export async function compare(workload, { rounds, isQuick, isWanted, profiles, say }) {
  const time = isQuick ? { warmUp: 200, window: 300 } : { warmUp: 400, window: 700 };
  const rivals = workload.rivals.filter(isWanted);
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
    growth: workload.growth,
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

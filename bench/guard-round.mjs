// One round of the guard, in a process of its own: node bench/guard-round.mjs WORKLOAD…
//
// A process compiles its code and lays out its memory in its own way, which moves some figures by a
// fifth for as long as it lives: only many processes tell what the code costs.
import { timed, workloads } from './codec.mjs';
import { quantile, rotated } from './support/statistics.mjs';

// Bytes of frames in a sample: short, so that most samples are not disturbed.
const SAMPLE = 512 * 1024;

const WARM_UP = 30;

// The workloads take turns, so that a machine that is busy for a while disturbs each of them a little.
const TURNS = 8;
const SAMPLES_PER_TURN = 5;

const contests = process.argv.slice(2).map((name) => {
  const { rivals } = workloads.find((workload) => workload.name === name).create(SAMPLE);
  return { name, rivals, times: { qwebsockets: [], ws: [] } };
});

for (const { rivals } of contests) {
  for (let i = 0; i < WARM_UP; i++) {
    for (const rival of Object.values(rivals)) await timed(rival);
  }
}
for (let turn = 0; turn < TURNS; turn++) {
  for (const { rivals, times } of contests) {
    for (let i = 0; i < SAMPLES_PER_TURN; i++) {
      for (const rival of rotated(Object.keys(rivals), i)) {
        times[rival].push(await timed(rivals[rival]));
      }
    }
  }
}

const ratios = contests.map(({ name, times }) => [name, ratioOf(times)]);
console.log(JSON.stringify(Object.fromEntries(ratios)));

/** Of the lower quartiles: what disturbs a sample makes it longer. */
function ratioOf({ qwebsockets, ws }) {
  return quantile(ws, 0.25) / quantile(qwebsockets, 0.25);
}

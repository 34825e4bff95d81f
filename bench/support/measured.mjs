// Loaded by the processes of Node that are measured: answers what `target.mjs` asks.
import { createInterface } from 'node:readline';

/** How many messages this process has seen; a client counts them here. */
export const seen = { messages: 0 };

/** Tells who started this process that it is ready, with `facts` to go on. */
export function ready(facts) {
  process.stdout.write(`${JSON.stringify(facts)}\n`);
}

const answers = {
  usage() {
    const { user, system } = process.cpuUsage();
    return { cpu: user + system, messages: seen.messages };
  },
  memory() {
    // Twice: what the first one frees may have held finalizers.
    globalThis.gc();
    globalThis.gc();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { heap: heapUsed + external, rss, peak: process.resourceUsage().maxRSS * 1024 };
  },
};

const questions = createInterface({ input: process.stdin });
questions.on('line', (question) => ready(answers[question]()));
questions.on('close', () => process.exit());

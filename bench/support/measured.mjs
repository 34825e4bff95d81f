// Loaded by the processes that are measured: answers what `child.mjs` asks.

/** How many messages this process has seen; a client counts them here. */
export const seen = { messages: 0 };

/** Tells who started this process that it is ready, with `facts` to go on. */
export function ready(facts) {
  process.send(facts);
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
    return { heap: heapUsed + external, rss };
  },
};

process.on('message', (question) => process.send(answers[question]()));
process.on('disconnect', () => process.exit());

/**
 * Waits until somebody asks the process to end, by SIGINT or SIGTERM. From then on a further
 * signal ends it at once, as if nobody listened.
 */
export function shutdownRequest(): Promise<void> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM'] as const;
    const onSignal = () => {
      for (const signal of signals) process.off(signal, onSignal);
      resolve();
    };
    for (const signal of signals) process.on(signal, onSignal);
  });
}

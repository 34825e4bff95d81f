import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from './until.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** The bytes in use, of the heap and of buffers, when everything that can be let go of is gone. */
export function memoryInUse(): number {
  // Buffers are freed in the background; the second collection waits for that.
  collect();
  collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** Waits until nothing keeps any of `references` alive; the spec's own timeout ends it otherwise. */
export function untilCollected(...references: readonly WeakRef<object>[]): Promise<void> {
  // A WeakRef keeps what it was asked for until the turn is over.
  return until(() => {
    collect();
    return references.every((reference) => reference.deref() === undefined);
  });
}

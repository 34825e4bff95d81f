import { readFileSync } from 'node:fs';
import { UsageError } from './usage-error.ts';

/** Reads the file that `option` names. */
export function readNamed(option: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${option} cannot be read: ${(error as Error).message}`);
  }
}

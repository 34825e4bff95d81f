import { reportUncaught } from '../core/emission.ts';

/** Calls those who listen now, once each; what one of them throws is reported, and ends nothing. */
export function tellAll(listeners: Iterable<() => void>): void {
  const present = [...listeners];
  for (const listener of present) {
    try {
      listener();
    } catch (error) {
      reportUncaught(error);
    }
  }
}

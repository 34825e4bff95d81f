import { QMaskGenerator } from './qmaskgenerator.ts';

/** 4 KiB: one call to the system's generator for 1,024 frames. */
const POOL_WORDS = 1024;

// One pool for all generators: every client has a generator of its own, and 4 KiB each would
// outweigh the rest of an idle connection. A word is handed out once, so sharing tells nobody
// anything.
const pool = new Uint32Array(POOL_WORDS);
let next = POOL_WORDS;

/**
 * The generator that a QWebSocket uses unless it is given another: 32 bits from the system's
 * cryptographically secure generator (RFC 6455 §5.3), never 0.
 */
export class QDefaultMaskGenerator extends QMaskGenerator {
  /** Does nothing: the system's generator needs no seed. Returns true. */
  override seed(): boolean {
    return true;
  }

  override nextMask(): number {
    let mask = 0;
    while (mask === 0) {
      if (next === POOL_WORDS) {
        globalThis.crypto.getRandomValues(pool);
        next = 0;
      }
      mask = pool[next]!;
      // Keys that were used are on the wire; keys that lie about could be read from a dump and
      // matched with it.
      pool[next] = 0;
      next++;
    }
    return mask;
  }
}

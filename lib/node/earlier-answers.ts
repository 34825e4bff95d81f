import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

// In milliseconds: who opens a WebSocket does not wait longer for something else.
const PATIENCE_MS = 10_000;

/** Node keeps the answer that is under way at its stream, which is not documented. */
type HttpStream = Duplex & { readonly _httpMessage?: ServerResponse | null };

/**
 * Calls `go` when all that a client of an HTTP server has asked for before is answered, mostly at
 * once: otherwise a 101 would be taken for the answer to that, and the answer for frames (RFC 9112
 * §9.3.2).
 *
 * The stream is cut when one of these answers takes more than 10 s, and when the last one has
 * announced the end of the connection.
 */
export function afterEarlierAnswers(stream: Duplex, go: () => void): void {
  const { _httpMessage: answer } = stream as HttpStream;
  if (answer === undefined || answer === null) {
    go();
    return;
  }
  const timer = setTimeout(() => stream.destroy(), PATIENCE_MS);
  // Node has let go of it.
  stream.on('error', ignore);
  answer.once('close', () => {
    clearTimeout(timer);
    if (!stream.writable) {
      stream.destroy();
      return;
    }
    stream.off('error', ignore);
    afterEarlierAnswers(stream, go);
  });
}

function ignore(): void {}

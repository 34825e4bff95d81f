import type { Http2Stream, OutgoingHttpHeaders } from 'node:http2';
import { addAbortSignal, Duplex } from 'node:stream';
import { Http2Error } from './http2-error.ts';

/** Fields as node:http2 takes them: a repeated name has its values in a list. */
export function headersOf(fields: readonly string[]): OutgoingHttpHeaders {
  // Any name may come, those of what objects inherit as well.
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const name = fields[i]!;
    const value = fields[i + 1]!;
    const before = headers[name];
    headers[name] = before === undefined ? value : [before, value].flat();
  }
  return headers;
}

/** Resets `stream` with CANCEL, and emits an error on it; close() would first end our side in order. */
export function resetStream(stream: Http2Stream): void {
  addAbortSignal(AbortSignal.abort(), stream);
}

const socketOf = Symbol('socket');

type CarryingStream = Http2Stream & { [socketOf]?: Http2Socket };

type Written = (error?: Error | null) => void;

interface Piece {
  readonly chunk: Buffer;
}

/**
 * A stream of HTTP/2 that behaves as a TCP connection (RFC 8441 §5): END_STREAM is the end of a side,
 * and RST_STREAM a reset.
 *
 * What is not read stays within the window of this one stream, and does not hold up the others.
 */
export class Http2Socket extends Duplex {
  readonly #stream: CarryingStream;
  #hasPeerEnded = false;

  /** @param stream has been answered with 200, and nobody listens to it. */
  constructor(stream: Http2Stream) {
    super();
    this.#stream = stream;
    this.#stream[socketOf] = this;
    stream.pause();
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onError);
    stream.on('close', onClose);
    if (stream.destroyed) process.nextTick(() => this.#gone());
  }

  override _read(): void {
    this.#stream.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, written: Written): void {
    this.#stream.write(chunk, written);
  }

  override _writev(pieces: readonly Piece[], written: Written): void {
    const stream = this.#stream;
    const last = pieces.length - 1;
    stream.cork();
    pieces.forEach(({ chunk }, i) => stream.write(chunk, i === last ? written : undefined));
    stream.uncork();
  }

  override _final(done: Written): void {
    this.#stream.end(done);
  }

  override _destroy(error: Error | null, done: Written): void {
    const stream = this.#stream;
    if (stream.closed) {
      done(error);
      return;
    }
    // What both sides have ended closes by itself. Who has said all only wants to hear no more.
    if (!this.writableFinished) resetStream(stream);
    else if (!this.readableEnded) stream.close(Http2Error.NoError);
    done(error);
  }

  /** @internal */
  received(chunk: Buffer): void {
    if (!this.push(chunk)) this.#stream.pause();
  }

  /** @internal */
  ended(): void {
    const { aborted, rstCode } = this.#stream;
    // Node says so of streams that were reset as well.
    if (aborted || rstCode !== Http2Error.NoError) return;
    this.#hasPeerEnded = true;
    this.push(null);
  }

  /** @internal */
  failed(error: Error): void {
    this.#takeRest();
    this.destroy(error);
  }

  /** @internal */
  gone(): void {
    this.#gone();
  }

  #gone(): void {
    if (this.destroyed) return;
    this.#takeRest();
    if (this.#hasPeerEnded && this.writableFinished) return;
    const error = new Error(`The stream was reset, with error ${this.#stream.rstCode} of HTTP/2.`);
    this.destroy(Object.assign(error, { code: 'ECONNRESET' }));
  }

  /** What came before the end, and lies in the stream because nobody has read it yet. */
  #takeRest(): void {
    if (this.destroyed || this.readableEnded) return;
    for (;;) {
      const chunk = this.#stream.read() as Buffer | null;
      if (chunk === null) return;
      this.push(chunk);
    }
  }
}

function onData(this: CarryingStream, chunk: Buffer): void {
  this[socketOf]!.received(chunk);
}

function onEnd(this: CarryingStream): void {
  this[socketOf]!.ended();
}

function onError(this: CarryingStream, error: Error): void {
  this[socketOf]!.failed(error);
}

function onClose(this: CarryingStream): void {
  this[socketOf]!.gone();
}

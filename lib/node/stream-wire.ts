import type { Duplex } from 'node:stream';
import { placeOf } from '../network/failure-text.ts';
import type { Session } from '../session/session.ts';
import type { Wire, WireFailure } from '../session/wire.ts';
import type { Endpoint } from '../websockets/socket-backend.ts';
import { flushQueue, type Flushable } from './flush-queue.ts';
import { readBuffer } from './read-buffer.ts';
import { remoteClosed, toSocketFailure } from './socket-errors.ts';
import { listenTo, readFrom, type StreamListener } from './stream-listener.ts';

/** Whose connection it is. */
export interface WireOwner {
  /** Learns how many bytes were sent. */
  bytesWritten(count: number): void;
  /** Who is at the other end, for people. */
  peerEndpoint(): Endpoint;
}

/** Carries a {@link Session} over a stream of Node: a socket, a TLS socket, any Duplex of bytes. */
export class StreamWire implements Wire, Flushable, StreamListener {
  readonly #stream: Duplex;
  readonly #owner: WireOwner;
  #session: Session | undefined;
  #isPaused = false;
  #queued = 0;
  #reported = 0;
  #written: ((error?: Error | null) => void) | undefined;
  #error: NodeJS.ErrnoException | undefined;

  constructor(stream: Duplex, owner: WireOwner) {
    this.#stream = stream;
    this.#owner = owner;
  }

  /** Binds the stream to `session`, which learns when it ends; bytes come after {@link start}. */
  attach(session: Session): void {
    this.#session = session;
    listenTo(this.#stream, this);
    if (this.#stream.destroyed) process.nextTick(() => this.closed());
  }

  start(): void {
    readFrom(this.#stream);
  }

  pause(): void {
    this.#isPaused = true;
    this.#stream.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#stream.resume();
  }

  flushSoon(): void {
    flushQueue.add(this);
  }

  flush(): void {
    this.#session?.flush();
  }

  write(pieces: readonly Buffer[]): void {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return;
    this.#written ??= (error) => {
      if (!error && this.#written !== ignore) this.#taken();
    };
    if (pieces.length === 1) {
      this.#write(pieces[0]!, this.#written);
      return;
    }
    stream.cork();
    for (const piece of pieces) this.#write(piece, this.#written);
    stream.uncork();
  }

  end(): void {
    if (!this.#stream.destroyed) this.#stream.end();
  }

  destroy(): void {
    // From here on nobody is told anything.
    this.#written = ignore;
    this.#stream.destroy();
  }

  failure(): WireFailure {
    const { address, port } = this.#owner.peerEndpoint();
    const place = placeOf(address, port);
    if (this.#error === undefined) return remoteClosed(place);
    const failure = toSocketFailure(this.#error, place);
    const unsent = this.#queued - this.#reported;
    if (unsent === 0) return failure;
    const detail = `${failure.cause.detail} with ${unsent} bytes unsent,`;
    return { ...failure, cause: { ...failure.cause, detail } };
  }

  backlog(): number {
    return this.#stream.writableLength;
  }

  sent(): number {
    return this.#queued - this.#stream.writableLength;
  }

  /** @internal */
  failed(error: NodeJS.ErrnoException): void {
    // The stream closes behind it; what it was only matters for the words.
    this.#error = error;
    // What came before lies in a paused stream, which does not deliver it any more.
    while (this.#isPaused) {
      // In Node 26 one piece of it, as it came.
      const piece = this.#stream.read() as Buffer | null;
      if (piece === null) return;
      this.received(piece);
    }
  }

  /** @internal */
  received(chunk: Buffer): void {
    flushQueue.begin();
    try {
      this.#session!.receive(chunk);
    } finally {
      flushQueue.end();
    }
  }

  /** @internal */
  get takesLent(): boolean {
    return this.#stream.readableFlowing === true && this.#stream.readableLength === 0;
  }

  /** @internal */
  receivedLent(length: number): void {
    flushQueue.begin();
    try {
      this.#session!.receiveLent(readBuffer, length);
    } finally {
      flushQueue.end();
    }
  }

  /** @internal */
  ended(): void {
    this.#session!.ended();
  }

  /** @internal */
  closed(): void {
    this.#session!.gone();
  }

  #write(piece: Buffer, written: (error?: Error | null) => void): void {
    const stream = this.#stream;
    // What has to wait must not keep a slab alive that is shared with others.
    const isShared = piece.length < piece.buffer.byteLength;
    const bytes = isShared && stream.writableLength > 0 ? Buffer.from(piece) : piece;
    this.#queued += bytes.length;
    stream.write(bytes, written);
  }

  /** The system has taken what it was given. */
  #taken(): void {
    const sent = this.sent();
    const count = sent - this.#reported;
    if (count > 0) {
      this.#reported = sent;
      flushQueue.report(() => this.#owner.bytesWritten(count));
    }
    // 'drain' would only come behind writes that were above the stream's own mark.
    if (this.#stream.writableLength === 0) this.#session!.drained();
  }
}

function ignore(): void {}

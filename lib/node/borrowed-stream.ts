import type { Duplex } from 'node:stream';
import { remoteClosed, toSocketFailure, type SocketFailure } from './socket-errors.ts';

/** What whoever holds a {@link BorrowedStream} is told. */
export interface BorrowerEvents {
  received(chunk: Buffer): void;
  /** The stream has ended, failed or closed; it is given back already. */
  broken(failure: SocketFailure): void;
}

/**
 * A stream that is listened to for a while, and then left as it was for somebody else: paused and
 * without listeners.
 */
export class BorrowedStream {
  readonly #stream: Duplex;
  readonly #events: BorrowerEvents;
  readonly #place: string | undefined;
  #isHeld = false;

  /** @param place who is at its other end, for people. */
  constructor(stream: Duplex, events: BorrowerEvents, place?: string) {
    this.#stream = stream;
    this.#events = events;
    this.#place = place;
  }

  /** Begins to listen and to read. */
  take(): void {
    this.#isHeld = true;
    this.#stream.on('data', this.#receive);
    this.#stream.on('end', this.#ended);
    this.#stream.on('error', this.#failed);
    this.#stream.on('close', this.#ended);
    this.#stream.resume();
  }

  /** Stops reading and listening, at once. */
  giveBack(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#stream.pause();
    this.#stream.off('data', this.#receive);
    this.#stream.off('end', this.#ended);
    this.#stream.off('error', this.#failed);
    this.#stream.off('close', this.#ended);
  }

  readonly #receive = (chunk: Buffer): void => this.#events.received(chunk);
  readonly #ended = (): void => this.#break(remoteClosed(this.#place));
  readonly #failed = (error: Error): void => this.#break(toSocketFailure(error, this.#place));

  #break(failure: SocketFailure): void {
    // Another listener may have been told first, and have given the stream back.
    if (!this.#isHeld) return;
    this.giveBack();
    // Nobody else is to hear of an error that was told here.
    this.#stream.on('error', ignore);
    this.#events.broken(failure);
  }
}

function ignore(): void {}

import type { Duplex } from 'node:stream';
import {
  CLIENT_HEAD_LIMITS,
  HeadReader,
  type HeadFailure,
  type HeadResult,
  type HttpHead,
} from '../codec/http-head.ts';
import { bytesBeforeReuse, isInterim, isStatusLine } from '../codec/http-response.ts';
import { BorrowedStream } from './borrowed-stream.ts';
import type { SocketFailure } from './socket-errors.ts';

/** In bytes: reading more than that costs more than a new connection. */
const MAX_SKIPPED = 1024 * 1024;

/** More than any server has to say before its answer. */
const MAX_INTERIM = 16;

const TOO_MANY: HeadFailure = {
  failure: 'tooLarge',
  part: 'head',
  reason: `There are more than ${MAX_INTERIM} interim responses.`,
};

const NOTHING = Buffer.alloc(0);

/** What comes of an {@link HttpExchange}: one of the first three, once. */
export interface ExchangeEvents {
  /** The answer's head has come, and `early` with it. The stream is paused and nobody's. */
  answered(head: HttpHead, early: Buffer): void;
  /** What has come is no head, or too large for one; `chunk` has shown it. */
  garbled(failure: HeadFailure, chunk: Buffer): void;
  /** The stream has ended or failed before that. */
  broken(failure: SocketFailure): void;
  /** The end of {@link HttpExchange.skipBody}: whether the stream can carry the next request. */
  skipped(isReusable: boolean): void;
  /** The request has been handed to the system; may come besides. */
  bytesWritten(count: number): void;
}

/**
 * One HTTP/1.1 request without a body, and its answer, on a stream that lives on: for CONNECT and
 * upgrade requests, which may be answered with "who are you?" first.
 *
 * Up to 16 interim answers, such as 103, may come before the answer (RFC 9110 §15.2). It listens to the stream only
 * while it waits, and has no timeout of its own.
 */
export class HttpExchange {
  readonly #stream: Duplex;
  readonly #borrowed: BorrowedStream;
  readonly #events: ExchangeEvents;
  readonly #reader = new HeadReader(CLIENT_HEAD_LIMITS, isStatusLine);
  #head: HttpHead | undefined;
  #early: Buffer = NOTHING;
  #interim = 0;
  #isCancelled = false;
  // Bytes of the body that are still to come; below zero, what came has no place in this exchange.
  #left = 0;

  /** @param place who is to answer, for people. */
  constructor(stream: Duplex, events: ExchangeEvents, place?: string) {
    this.#stream = stream;
    this.#events = events;
    const borrower = {
      received: (chunk: Buffer) => this.#receive(chunk),
      broken: (failure: SocketFailure) => this.#broken(failure),
    };
    this.#borrowed = new BorrowedStream(stream, borrower, place);
  }

  /** Sends the bytes of a request, also on a stream that is still connecting. */
  start(request: Buffer): void {
    this.#borrowed.take();
    this.#stream.write(request, (error) => {
      if (!error && !this.#isCancelled) this.#events.bytesWritten(request.length);
    });
  }

  /**
   * Reads on to the end of the answer's body, if that is at most 1 MiB away and its place is known;
   * to be called after {@link ExchangeEvents.answered}.
   */
  skipBody(): void {
    const length = this.#head === undefined ? undefined : bytesBeforeReuse(this.#head);
    if (length === undefined || length > MAX_SKIPPED) {
      this.#events.skipped(false);
      return;
    }
    this.#left = length - this.#early.length;
    this.#early = NOTHING;
    if (this.#left > 0) this.#borrowed.take();
    else this.#events.skipped(this.#left === 0);
  }

  /** Stops, and tells nothing more. The stream stays as it is, paused. */
  cancel(): void {
    this.#isCancelled = true;
    this.#borrowed.giveBack();
  }

  #receive(chunk: Buffer): void {
    if (this.#head !== undefined) {
      this.#skip(chunk);
      return;
    }
    const result = this.#readAnswer(chunk);
    if (result === undefined) return;
    this.#borrowed.giveBack();
    if ('failure' in result) {
      this.#events.garbled(result, chunk);
      return;
    }
    this.#head = result.head;
    this.#early = result.rest;
    this.#events.answered(result.head, result.rest);
  }

  /** What the reader makes of `chunk`, without the answers that only say that another one follows. */
  #readAnswer(chunk: Buffer): HeadResult | undefined {
    let result = this.#reader.push(chunk);
    while (result !== undefined && !('failure' in result) && isInterim(result.head)) {
      if (this.#interim === MAX_INTERIM) return TOO_MANY;
      this.#interim++;
      result = this.#reader.push(result.rest);
    }
    return result;
  }

  #skip(chunk: Buffer): void {
    this.#left -= chunk.length;
    if (this.#left > 0) return;
    this.#borrowed.giveBack();
    this.#events.skipped(this.#left === 0);
  }

  #broken(failure: SocketFailure): void {
    if (this.#head === undefined) this.#events.broken(failure);
    else this.#events.skipped(false);
  }
}

import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import type { HttpHead } from '../codec/http-head.ts';
import { cameTooLate, wantsHttp1, wasRefused } from './http2-link.ts';
import { resetStream } from './http2-socket.ts';
import { statusText } from './status-text.ts';

/** What comes of an {@link Http2Exchange}. */
export interface Http2ExchangeEvents {
  /** The head of the answer has come; as HTTP/1.1 would have it, without pseudo-header fields. */
  answered(head: HttpHead, status: number): void;
  /** The server wants that request in HTTP/1.1 (RFC 9113 §7). */
  http1Wanted(): void;
  /** The stream has ended or failed. `isUnseen` when the server has not looked at the request. */
  unanswered(error: NodeJS.ErrnoException | undefined, isUnseen: boolean): void;
}

/**
 * One request over HTTP/2 and the head of its answer.
 *
 * It listens to the stream, and tells what happens there, until it is left or cancelled.
 */
export class Http2Exchange {
  readonly #stream: ClientHttp2Stream;
  readonly #events: Http2ExchangeEvents;

  /** @param stream has been asked for, and nobody listens to it yet. */
  constructor(stream: ClientHttp2Stream, events: Http2ExchangeEvents) {
    this.#stream = stream;
    this.#events = events;
    stream.on('response', this.#responded);
    stream.on('error', this.#broken);
    stream.on('close', this.#closed);
  }

  /** The stream, which nobody listens to any more. */
  leave(): ClientHttp2Stream {
    const stream = this.#stream;
    stream.off('response', this.#responded);
    stream.off('error', this.#broken);
    stream.off('close', this.#closed);
    return stream;
  }

  /** Takes the request back. */
  cancel(): void {
    // An error of a stream that nobody needs any more is nobody's business.
    resetStream(this.leave().on('error', ignore));
  }

  readonly #responded = (headers: IncomingHttpHeaders, _flags: number, raw: string[]): void => {
    const status = Number(headers[':status']);
    const startLine = `HTTP/2.0 ${status} ${statusText(status)}`;
    this.#events.answered({ startLine, fields: headersIn(raw) }, status);
  };

  readonly #broken = (error: NodeJS.ErrnoException): void => {
    const stream = this.#stream;
    // Since Node 24, a request that came too late fails in this way.
    const isUnseen = wasRefused(stream) || cameTooLate(error);
    if (wantsHttp1(stream)) this.#events.http1Wanted();
    else this.#events.unanswered(error, isUnseen);
  };

  readonly #closed = (): void => {
    // A stream that is refused may close without an error.
    this.#events.unanswered(undefined, false);
  };
}

/** `fields` without those that begin with a colon. */
export function headersIn(fields: readonly string[]): string[] {
  return fields.filter((_, i) => !fields[i - (i % 2)]!.startsWith(':'));
}

function ignore(): void {}

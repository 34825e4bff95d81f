import type { Duplex } from 'node:stream';
import { ProxyHeaderReader, type ProxiedEnds } from '../../codec/proxy-header.ts';
import type { RefusalReason } from '../../websockets/server-statistics.ts';
import { listenTo, readFrom, stopReading, type StreamListener } from '../stream-listener.ts';

/** Where those who begin with the PROXY protocol come together. */
export interface ProxyProtocolOwner {
  readonly settings: { readonly handshakeTimeout: number };
  /**
   * The proxy has said whom it speaks for. Ends `acceptor`; the stream is paused, with all that has
   * followed.
   *
   * @param ends undefined when it speaks for itself.
   * @param timeLeft milliseconds for the rest of the opening handshake; negative for no limit.
   */
  introduced(
    acceptor: ProxyProtocolAcceptor,
    ends: ProxiedEnds | undefined,
    timeLeft: number,
  ): void;
  /** Nothing comes of it, and the stream is destroyed. Ends `acceptor`. `fault` is what was no header. */
  dropped(acceptor: ProxyProtocolAcceptor, reason: RefusalReason, fault?: string): void;
}

/** Reads the header of the PROXY protocol, before anything else is said on a stream. */
export class ProxyProtocolAcceptor implements StreamListener {
  readonly stream: Duplex;
  readonly #owner: ProxyProtocolOwner;
  readonly #reader = new ProxyHeaderReader();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #deadline: number | undefined;
  #isOver = false;

  constructor(stream: Duplex, owner: ProxyProtocolOwner) {
    this.stream = stream;
    this.#owner = owner;
    listenTo(stream, this);
  }

  /** Begins to read; the time for the whole opening handshake runs from now. */
  start(): void {
    if (this.#isOver) return;
    const { handshakeTimeout } = this.#owner.settings;
    if (handshakeTimeout >= 0) {
      this.#deadline = performance.now() + handshakeTimeout;
      this.#timer = setTimeout(expire, handshakeTimeout, this);
    }
    readFrom(this.stream);
  }

  /** Gives the connection up, which is counted as `reason`. */
  cut(reason: RefusalReason): void {
    this.#drop(reason);
  }

  /** @internal What is read has to go back into the stream as soon as it is not the header's. */
  get takesLent(): boolean {
    return false;
  }

  /** @internal */
  receivedLent(): void {}

  /** @internal */
  received(chunk: Buffer): void {
    if (this.#isOver) return;
    const result = this.#reader.push(chunk);
    if (result === undefined) return;
    if ('fault' in result) {
      this.#drop('proxy', result.fault);
      return;
    }
    this.#release();
    stopReading(this.stream);
    if (result.rest.length > 0) this.stream.unshift(result.rest);
    const timeLeft =
      this.#deadline === undefined ? -1 : Math.max(0, this.#deadline - performance.now());
    this.#owner.introduced(this, result.ends, timeLeft);
  }

  /** @internal */
  ended(): void {
    this.#drop('left');
  }

  /** @internal */
  failed(): void {
    // The stream closes behind every error.
  }

  /** @internal */
  closed(): void {
    this.#drop('left');
  }

  #drop(reason: RefusalReason, fault?: string): void {
    if (this.#isOver) return;
    this.#release();
    this.stream.destroy();
    this.#owner.dropped(this, reason, fault);
  }

  #release(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }
}

function expire(acceptor: ProxyProtocolAcceptor): void {
  acceptor.cut('timeout');
}

import type { Http2Session } from 'node:http2';

// In milliseconds: how often it is looked whether the peer is still there.
const LOOK_MS = 30_000;

// After so many looks at which nothing goes in or out it is given up.
const PATIENCE = 4;

/** What sockets know. */
interface Counting {
  readonly bytesRead?: number;
}

/**
 * Finds out that a connection of HTTP/2 is no longer one, though Node does not tell.
 *
 * A peer that breaks the protocol is told so, and then Node 20 reads no more: it does
 * not learn when the peer leaves, and tells nobody. But what it is asked to send from then on stays where it is.
 */
export class Http2Watch {
  readonly #stream: Counting;
  readonly #session: Http2Session;
  readonly #lost: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // How much had been read at the last look.
  #bytesRead = 0;
  #isAsking = false;
  #looksInVain = 0;

  /**
   * @param stream what `session` is spoken on.
   * @param lost learns, once, that there is nobody any more.
   */
  constructor(stream: object, session: Http2Session, lost: () => void) {
    this.#stream = stream;
    this.#session = session;
    this.#lost = lost;
  }

  /** Looks from now on, until {@link stop}. */
  start(): void {
    this.stop();
    this.#timer = setTimeout(look, LOOK_MS, this);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** @internal */
  look(): void {
    if (this.#session.destroyed) return;
    const { bytesRead = 0 } = this.#stream;
    const isSilent = bytesRead === this.#bytesRead;
    this.#bytesRead = bytesRead;
    const isStuck = isSilent && this.#isAsking && this.#session.state.outboundQueueSize! > 0;
    this.#looksInVain = isStuck ? this.#looksInVain + 1 : 0;
    if (this.#looksInVain === PATIENCE) {
      this.#lost();
      return;
    }
    if (isSilent && !this.#isAsking) {
      this.#isAsking = this.#session.ping(() => (this.#isAsking = false));
    }
    this.#timer = setTimeout(look, LOOK_MS, this);
  }
}

function look(watch: Http2Watch): void {
  watch.look();
}

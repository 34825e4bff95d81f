import type { Http2Session } from 'node:http2';

// In milliseconds: how often it is looked whether the peer is still there.
const LOOK_MS = 30_000;

// The same while what we have asked stays where it is, though the system would take it.
const STUCK_LOOK_MS = 1_000;

// After so many looks in a row at which it is stuck the peer is given up.
const PATIENCE = 4;

/** What sockets know; what begins with an underscore is not documented. */
interface Carrier {
  readonly bytesRead?: number;
  /** Of TLS: what it goes over. */
  readonly _parent?: Carrier | null;
  readonly _handle?: { readonly writeQueueSize?: number } | null;
}

/**
 * Finds out that a connection of HTTP/2 is no longer one, though Node does not tell.
 *
 * To a peer that breaks the protocol Node 20 says so, and then it reads no more: it does not learn when
 * the peer leaves, and tells nobody. All versions lose sight of some that are reset in the middle of a
 * write over TLS (https://github.com/nodejs/node/issues/61304). But what such a connection is asked to
 * send from then on stays where it is.
 */
export class Http2Watch {
  readonly #stream: Carrier;
  readonly #session: Http2Session;
  readonly #lost: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // How much had been read at the last look.
  #bytesRead = 0;
  #isAsking = false;
  // How many frames had waited when it was asked.
  #waiting = 0;
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
    const waiting = this.#session.state.outboundQueueSize ?? 0;
    const { bytesRead = 0 } = this.#stream;
    const isSilent = bytesRead === this.#bytesRead;
    this.#bytesRead = bytesRead;
    const isStuck = isSilent && this.#isAsking && waiting > this.#waiting;
    this.#looksInVain = isStuck ? this.#looksInVain + 1 : 0;
    if (this.#looksInVain === PATIENCE) {
      this.#lost();
      return;
    }
    const asks = isSilent && !this.#isAsking;
    if (asks) {
      this.#waiting = waiting;
      this.#isAsking = this.#session.ping(() => (this.#isAsking = false));
    }
    // A peer that reads slowly has the system hold something back.
    const isUrgent = (asks || isStuck) && heldBy(this.#stream) === 0;
    this.#timer = setTimeout(look, isUrgent ? STUCK_LOOK_MS : LOOK_MS, this);
  }
}

/** How many bytes the system has not taken yet; undefined where that cannot be known. */
function heldBy(stream: Carrier): number | undefined {
  const { _parent: below } = stream;
  const { _handle: handle } = below ?? stream;
  return handle?.writeQueueSize;
}

function look(watch: Http2Watch): void {
  watch.look();
}

import type { Duplex } from 'node:stream';
import { BAD_PATH, NOWHERE } from '../codec/handshake-response.ts';
import { pathOf, type PathParameters, type PathPattern } from '../codec/path-pattern.ts';
import type { Refusal } from '../codec/refusal.ts';
import type {
  ByteStream,
  UpgradeListener,
  UpgradeRequest,
  UpgradeSource,
} from '../websockets/server-backend.ts';
import type { RefusalReason } from '../websockets/server-statistics.ts';
import { afterEarlierAnswers } from './earlier-answers.ts';
import { Http2Source } from './http2-source.ts';
import { PathTable, type PathMatch } from './path-table.ts';

/** Somebody who answers upgrade requests. */
export interface UpgradeTarget {
  handleUpgrade(
    request: UpgradeRequest,
    stream: ByteStream,
    head: Uint8Array,
    parameters: PathParameters,
  ): void;
  /** Answers a request for a path that nobody has, or whose parameters cannot be read. */
  refuseUpgrade(
    request: UpgradeRequest,
    stream: ByteStream,
    refusal: Refusal,
    reason: RefusalReason,
  ): void;
}

// Servers that know nothing of each other may share an HTTP server, and one answer per request is
// all it can bear. It is the only place where they can meet; an entry goes with its HTTP server.
const dispatchers = new WeakMap<UpgradeSource, UpgradeDispatcher>();

const NOTHING = Buffer.alloc(0);

/** Whether requests can be had of it: of the app of Express or Koa, for one, they cannot. */
export function isUpgradeSource(source: unknown): source is UpgradeSource {
  return typeof (source as { address?: unknown } | undefined)?.address === 'function';
}

/** Sees to it that each upgrade request of an HTTP server gets exactly one answer. */
export class UpgradeDispatcher {
  readonly #source: UpgradeSource;
  readonly #http2: Http2Source | undefined;
  readonly #paths = new PathTable<UpgradeTarget>();

  private constructor(source: UpgradeSource) {
    this.#source = source;
    this.#http2 = Http2Source.of(source, (request, stream) => this.#onStream(request, stream));
  }

  /** The one dispatcher of `source`. */
  static of(source: UpgradeSource): UpgradeDispatcher {
    let dispatcher = dispatchers.get(source);
    if (dispatcher === undefined) {
      dispatcher = new UpgradeDispatcher(source);
      dispatchers.set(source, dispatcher);
    }
    return dispatcher;
  }

  /** Gives `target` the requests for paths that fit, or those for paths that nobody names. */
  add(target: UpgradeTarget, pattern: PathPattern | undefined): void {
    if (this.#paths.size === 0) {
      this.#source.on('upgrade', this.#onUpgrade);
      this.#http2?.start();
    }
    this.#paths.add(target, pattern);
  }

  remove(target: UpgradeTarget): void {
    if (!this.#paths.remove(target) || this.#paths.size > 0) return;
    this.#source.off('upgrade', this.#onUpgrade);
    this.#http2?.stop();
  }

  readonly #onUpgrade: UpgradeListener = (request, stream, head) => {
    const match = this.#paths.find(pathOf(request.url ?? ''));
    if (match === undefined && this.#source.listenerCount('upgrade') > 1) return;
    afterEarlierAnswers(stream as Duplex, () => this.#answer(match, request, stream, head));
  };

  #onStream(request: UpgradeRequest, stream: Duplex): void {
    const match = this.#paths.find(pathOf(request.url ?? ''));
    if (match === undefined && this.#http2?.isShared === true) return;
    this.#answer(match, request, stream, NOTHING);
  }

  #answer(
    match: PathMatch<UpgradeTarget> | undefined,
    request: UpgradeRequest,
    stream: ByteStream,
    head: Uint8Array,
  ): void {
    const [anyone] = this.#paths.targets();
    // They may have left meanwhile.
    if (match !== undefined && this.#paths.has(match.target)) {
      const { target, parameters } = match;
      if (parameters === undefined) target.refuseUpgrade(request, stream, BAD_PATH, 'malformed');
      else target.handleUpgrade(request, stream, head, parameters);
    } else if (anyone !== undefined) {
      anyone.refuseUpgrade(request, stream, NOWHERE, 'path');
    } else {
      stream.destroy();
    }
  }
}

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
import { RouteTable, type Route } from './route-table.ts';

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
const routers = new WeakMap<UpgradeSource, UpgradeRouter>();

const NOTHING = Buffer.alloc(0);

/** Whether requests can be had of it: of the app of Express or Koa, for one, they cannot. */
export function isUpgradeSource(source: unknown): source is UpgradeSource {
  return typeof (source as { address?: unknown } | undefined)?.address === 'function';
}

/** Sees to it that each upgrade request of an HTTP server gets exactly one answer. */
export class UpgradeRouter {
  readonly #source: UpgradeSource;
  readonly #http2: Http2Source | undefined;
  readonly #routes = new RouteTable<UpgradeTarget>();

  private constructor(source: UpgradeSource) {
    this.#source = source;
    this.#http2 = Http2Source.of(source, (request, stream) => this.#onStream(request, stream));
  }

  /** The one router of `source`. */
  static of(source: UpgradeSource): UpgradeRouter {
    let router = routers.get(source);
    if (router === undefined) {
      router = new UpgradeRouter(source);
      routers.set(source, router);
    }
    return router;
  }

  /** Gives `target` the requests for paths that fit, or those for paths that nobody names. */
  add(target: UpgradeTarget, pattern: PathPattern | undefined): void {
    if (this.#routes.size === 0) {
      this.#source.on('upgrade', this.#onUpgrade);
      this.#http2?.start();
    }
    this.#routes.add(target, pattern);
  }

  remove(target: UpgradeTarget): void {
    if (!this.#routes.remove(target) || this.#routes.size > 0) return;
    this.#source.off('upgrade', this.#onUpgrade);
    this.#http2?.stop();
  }

  readonly #onUpgrade: UpgradeListener = (request, stream, head) => {
    const route = this.#routes.find(pathOf(request.url ?? ''));
    if (route === undefined && this.#source.listenerCount('upgrade') > 1) return;
    afterEarlierAnswers(stream as Duplex, () => this.#answer(route, request, stream, head));
  };

  #onStream(request: UpgradeRequest, stream: Duplex): void {
    const route = this.#routes.find(pathOf(request.url ?? ''));
    if (route === undefined && this.#http2?.isShared === true) return;
    this.#answer(route, request, stream, NOTHING);
  }

  #answer(
    route: Route<UpgradeTarget> | undefined,
    request: UpgradeRequest,
    stream: ByteStream,
    head: Uint8Array,
  ): void {
    const [anyone] = this.#routes.targets();
    // They may have left meanwhile.
    if (route !== undefined && this.#routes.has(route.target)) {
      const { target, parameters } = route;
      if (parameters === undefined) target.refuseUpgrade(request, stream, BAD_PATH, 'malformed');
      else target.handleUpgrade(request, stream, head, parameters);
    } else if (anyone !== undefined) {
      anyone.refuseUpgrade(request, stream, NOWHERE, 'path');
    } else {
      stream.destroy();
    }
  }
}

import type { Duplex } from 'node:stream';
import type {
  ByteStream,
  UpgradeListener,
  UpgradeRequest,
  UpgradeSource,
} from '../websockets/server-backend.ts';
import { afterEarlierAnswers } from './earlier-answers.ts';

/** Somebody who answers upgrade requests. */
export interface UpgradeTarget {
  handleUpgrade(request: UpgradeRequest, stream: ByteStream, head: Uint8Array): void;
  /** Answers a request for a path that nobody has. */
  refuseUpgrade(request: UpgradeRequest, stream: ByteStream): void;
}

// Servers that know nothing of each other may share an HTTP server, and one answer per request is
// all it can bear. It is the only place where they can meet; an entry goes with its HTTP server.
const routers = new WeakMap<UpgradeSource, UpgradeRouter>();

/** Sees to it that each upgrade request of an HTTP server gets exactly one answer. */
export class UpgradeRouter {
  readonly #source: UpgradeSource;
  readonly #targets = new Map<UpgradeTarget, string | undefined>();

  private constructor(source: UpgradeSource) {
    this.#source = source;
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

  /** Gives `target` the requests for `path`, or those for paths that nobody names. */
  add(target: UpgradeTarget, path: string | undefined): void {
    if (this.#targets.size === 0) this.#source.on('upgrade', this.#onUpgrade);
    this.#targets.set(target, path);
  }

  remove(target: UpgradeTarget): void {
    if (!this.#targets.delete(target) || this.#targets.size > 0) return;
    this.#source.off('upgrade', this.#onUpgrade);
  }

  readonly #onUpgrade: UpgradeListener = (request, stream, head) => {
    const target = this.#find(pathOf(request.url ?? ''));
    if (target === undefined && this.#source.listenerCount('upgrade') > 1) return;
    afterEarlierAnswers(stream as Duplex, () => this.#answer(target, request, stream, head));
  };

  #answer(
    target: UpgradeTarget | undefined,
    request: UpgradeRequest,
    stream: ByteStream,
    head: Uint8Array,
  ): void {
    const [anyone] = this.#targets.keys();
    // They may have left meanwhile.
    if (target !== undefined && this.#targets.has(target)) {
      target.handleUpgrade(request, stream, head);
    } else if (anyone !== undefined) {
      anyone.refuseUpgrade(request, stream);
    } else {
      stream.destroy();
    }
  }

  #find(path: string): UpgradeTarget | undefined {
    let fallback: UpgradeTarget | undefined;
    for (const [target, taken] of this.#targets) {
      if (taken === path) return target;
      if (taken === undefined) fallback ??= target;
    }
    return fallback;
  }
}

/** The path of a request target, which may be a whole URL (RFC 9112 §3.2). */
function pathOf(target: string): string {
  const query = target.search(/[?#]/);
  const address = query < 0 ? target : target.slice(0, query);
  const authority = address.indexOf('://');
  if (address.startsWith('/') || authority < 0) return address;
  const slash = address.indexOf('/', authority + 3);
  return slash < 0 ? '/' : address.slice(slash);
}

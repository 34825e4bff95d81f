import type { Route, RouteEvents } from './route.ts';

/** Makes a way to a peer, for each attempt a new one. */
export type RouteFactory = (events: RouteEvents) => Route;

let substitute: RouteFactory | undefined;

/** By whoever opens: a Reconnector has its socket opened again when the test has long returned. */
const substitutes = new WeakMap<object, RouteFactory>();

/**
 * Has the next thing that `action` opens go by `newRoute`, wherever it leads, and whatever opens that
 * opens later: for tests without a network.
 */
export function goBy(newRoute: RouteFactory, action: () => void): void {
  substitute = newRoute;
  try {
    action();
  } finally {
    substitute = undefined;
  }
}

/** What `opener` goes by: what {@link goBy} was given, which one opener takes, slots of `action` may open others. */
export function substituteFor(opener: object): RouteFactory | undefined {
  if (substitute !== undefined) substitutes.set(opener, substitute);
  substitute = undefined;
  return substitutes.get(opener);
}

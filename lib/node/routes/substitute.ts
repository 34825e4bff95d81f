import type { Route, RouteEvents } from './route.ts';

/** Makes a way to a peer, for each attempt a new one. */
export type RouteFactory = (events: RouteEvents) => Route;

let substitute: RouteFactory | undefined;

/** Has the next thing that `action` opens go by `newRoute`, wherever it leads: for tests without a network. */
export function goBy(newRoute: RouteFactory, action: () => void): void {
  substitute = newRoute;
  try {
    action();
  } finally {
    substitute = undefined;
  }
}

/** What {@link goBy} was given, once: slots of `action` may open something else. */
export function takeSubstitute(): RouteFactory | undefined {
  const newRoute = substitute;
  substitute = undefined;
  return newRoute;
}

import {
  NO_PARAMETERS,
  segmentsOf,
  type PathParameters,
  type PathPattern,
} from '../codec/path-pattern.ts';

/** Who has a path. */
export interface PathMatch<T> {
  readonly target: T;
  /** Undefined when the path has parameters that cannot be read. */
  readonly parameters: PathParameters | undefined;
}

/**
 * Who has which paths.
 *
 * Of the patterns that fit a path, the most specific one counts: segment by segment from the left,
 * text comes before a parameter. Of equal ones, the first that came. Whoever has no pattern gets what
 * suits none.
 */
export class PathTable<T> {
  readonly #patterns = new Map<T, PathPattern | undefined>();

  get size(): number {
    return this.#patterns.size;
  }

  /** In the order in which they came. */
  targets(): IterableIterator<T> {
    return this.#patterns.keys();
  }

  has(target: T): boolean {
    return this.#patterns.has(target);
  }

  /** Gives `target` the paths that fit `pattern`, or those that suit nobody else. */
  add(target: T, pattern: PathPattern | undefined): void {
    this.#patterns.set(target, pattern);
  }

  /** Whether it was there. */
  remove(target: T): boolean {
    return this.#patterns.delete(target);
  }

  /** Who has `path`, as it is written in a request. */
  find(path: string): PathMatch<T> | undefined {
    const segments = segmentsOf(path);
    let fallback: PathMatch<T> | undefined;
    let best: { target: T; pattern: PathPattern } | undefined;
    for (const [target, pattern] of this.#patterns) {
      if (pattern === undefined) {
        fallback ??= { target, parameters: NO_PARAMETERS };
      } else if (
        pattern.fits(segments) &&
        (best === undefined || pattern.isMoreSpecificThan(best.pattern))
      ) {
        best = { target, pattern };
      }
    }
    if (best === undefined) return fallback;
    return { target: best.target, parameters: best.pattern.parametersOf(segments) };
  }
}

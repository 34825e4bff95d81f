/** `<name>`, as a whole segment. */
const PARAMETER = /^<([A-Za-z_][A-Za-z0-9_]*)>$/;

/** Controls, and what separates names of files somewhere. */
// oxlint-disable-next-line no-control-regex
const UNSAFE = /[\u0000-\u001f\u007f-\u009f/\\]/;

/** The values of the parameters of a path, by name. */
export type PathParameters = ReadonlyMap<string, string>;

/** Those of a path without any. */
export const NO_PARAMETERS: PathParameters = new Map();

interface Segment {
  /** The text, or the name of the parameter. */
  readonly text: string;
  readonly isParameter: boolean;
}

/**
 * A path whose segments may be parameters: `/rooms/<room>/log`.
 *
 * Text fits as it is written, escapes and case included. A parameter fits one segment that is not
 * empty, and never more than one.
 */
export class PathPattern {
  readonly #segments: readonly Segment[];

  private constructor(segments: readonly Segment[]) {
    this.#segments = segments;
  }

  /** Reads a pattern; returns what is wrong with it, as a sentence, when it is none. */
  static read(pattern: string): PathPattern | string {
    if (!pattern.startsWith('/')) return `The path "${pattern}" does not begin with a slash.`;
    // It would fit no request, and nobody would know why.
    if (/[?#]/.test(pattern)) return `The path "${pattern}" has a query, or a fragment, behind it.`;
    const segments = segmentsOf(pattern).map(readSegment);
    const names = new Set<string>();
    for (const { text, isParameter } of segments) {
      if (!isParameter && /[<>]/.test(text)) {
        return `In the path "${pattern}", "${text}" is no parameter: that is a whole segment, such as <room>.`;
      }
      if (isParameter && names.has(text))
        return `The path "${pattern}" has two parameters <${text}>.`;
      if (isParameter) names.add(text);
    }
    return new PathPattern(segments);
  }

  /** Whether a path of these segments is meant. */
  fits(segments: readonly string[]): boolean {
    if (segments.length !== this.#segments.length) return false;
    return this.#segments.every(({ text, isParameter }, i) =>
      isParameter ? segments[i] !== '' : segments[i] === text,
    );
  }

  /**
   * What stands in the places of the parameters, in a path that fits.
   *
   * @returns undefined when one cannot be decoded as UTF-8, or is nothing that a single name should
   * be, decoded: with a slash, a backslash or a control character in it, `.` or `..`.
   */
  parametersOf(segments: readonly string[]): PathParameters | undefined {
    const parameters = new Map<string, string>();
    for (const [i, { text, isParameter }] of this.#segments.entries()) {
      if (!isParameter) continue;
      const value = decoded(segments[i]!);
      if (value === undefined || value === '.' || value === '..' || UNSAFE.test(value)) {
        return undefined;
      }
      parameters.set(text, value);
    }
    return parameters;
  }

  /** Whether this one has text where `other`, which is as long, has its first parameter alone. */
  isMoreSpecificThan(other: PathPattern): boolean {
    const i = this.#segments.findIndex(
      ({ isParameter }, at) => isParameter !== other.#segments[at]?.isParameter,
    );
    return i >= 0 && !this.#segments[i]!.isParameter;
  }
}

/** The parts of a path between its slashes; what stands before the first one is a part, too. */
export function segmentsOf(path: string): string[] {
  return path.split('/');
}

/** The path of a request target, which may be a whole URL (RFC 9112 §3.2). */
export function pathOf(target: string): string {
  const query = target.search(/[?#]/);
  const address = query < 0 ? target : target.slice(0, query);
  const authority = address.indexOf('://');
  if (address.startsWith('/') || authority < 0) return address;
  const slash = address.indexOf('/', authority + 3);
  return slash < 0 ? '/' : address.slice(slash);
}

function readSegment(segment: string): Segment {
  const name = PARAMETER.exec(segment)?.[1];
  return { text: name ?? segment, isParameter: name !== undefined };
}

/** Undefined for broken escapes, and for bytes that are no UTF-8. */
function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

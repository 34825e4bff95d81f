import type { Random } from './random.ts';

/** One parser, with what makes inputs for it and what it has promised. */
export interface FuzzTarget {
  readonly name: string;
  /** An input that is valid, or nearly. */
  generate(random: Random): Buffer;
  /**
   * Gives `input` to the parser; throws what {@link violated} makes when a promise is broken.
   *
   * @param random for everything besides: limits, arguments, where the input is cut.
   */
  check(input: Buffer, random: Random): void;
  /** Inputs of about so many bytes that make it work as hard as they can, by name. */
  readonly hard: Readonly<Record<string, (size: number) => Buffer>>;
}

/** `part` until there are `size` bytes, between `before` and `after`. */
export function filled(size: number, part: string, before = '', after = ''): Buffer {
  return Buffer.from(before + part.repeat(Math.ceil(size / part.length)) + after, 'latin1');
}

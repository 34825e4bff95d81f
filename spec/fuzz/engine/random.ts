/**
 * Numbers that follow from what they are made of, and from nothing else: a case can be had again.
 *
 * Steps through Chris Doty-Humphrey's sfc32, which is small and good enough by far.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** The numbers of one case of one target. */
  static of(seed: number, target: string, index: number): Random {
    let hash = 0x811c9dc5;
    for (let i = 0; i < target.length; i++) hash = Math.imul(hash ^ target.charCodeAt(i), 16777619);
    return new Random(seed, hash, index);
  }

  constructor(a: number, b = 0, c = 0) {
    this.#a = a | 0;
    this.#b = b | 0;
    this.#c = c | 0;
    // Seeds that are close together have nothing in common any more.
    for (let i = 0; i < 12; i++) this.word();
  }

  /** The next 32 bits. */
  word(): number {
    const word = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + word) | 0;
    return word >>> 0;
  }

  /** A whole number from 0 to `end` − 1. */
  below(end: number): number {
    return Math.floor((this.word() / 2 ** 32) * end);
  }

  /** A whole number from `first` to `last`. */
  between(first: number, last: number): number {
    return first + this.below(last - first + 1);
  }

  /** True in one of `times` cases. */
  oneIn(times: number): boolean {
    return this.below(times) === 0;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    for (let i = 0; i < length; i++) bytes[i] = this.word();
    return bytes;
  }

  /** Up to `most` texts made by `one`, joined by `separator`. */
  list(most: number, separator: string, one: () => string): string {
    let text = '';
    for (let left = this.below(most + 1); left > 0; left--) {
      text += text === '' ? one() : separator + one();
    }
    return text;
  }
}

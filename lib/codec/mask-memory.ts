import { maskCode } from './mask-code.ts';
import { applyMask, wordsOf } from './mask.ts';

// In bytes.
const PAGE = 64 * 1024;

type Mask = (from: number, to: number, key: number) => number;

// What is used of WebAssembly, which the compiler knows with the DOM only.
declare const WebAssembly:
  | {
      readonly Module: new (code: Uint8Array) => object;
      readonly Memory: new (pages: { initial: number; maximum: number }) => {
        readonly buffer: ArrayBuffer;
      };
      readonly Instance: new (
        module: object,
        imports: { m: { m: object } },
      ) => { readonly exports: { readonly f: Mask } };
    }
  | undefined;

// Compiled with the first memory, in a third of a millisecond.
let compiled: object | undefined;

/** Memory that payloads lie in while they are masked or unmasked. */
export interface PayloadMemory {
  readonly bytes: Buffer;
  /** As {@link MaskMemory.mask}. */
  mask(from: number, to: number, key: number): number;
}

/**
 * Memory in which WebAssembly masks sixteen bytes at a time, and {@link applyMask} does where there
 * is no WebAssembly.
 *
 * For few and lasting ones: each takes some GiB of addresses, though not of memory.
 */
export class MaskMemory implements PayloadMemory {
  /** Stay where they are. */
  readonly bytes: Buffer;
  /** The same memory as words: see {@link wordsOf}. */
  readonly words: Int32Array;
  readonly #mask: Mask | undefined;

  /** @param size in bytes. */
  constructor(size: number) {
    const { buffer, mask } = vectorMemory(size) ?? { buffer: new ArrayBuffer(size) };
    this.bytes = Buffer.from(buffer, 0, size);
    this.words = wordsOf(buffer);
    this.#mask = mask;
  }

  /**
   * Masks or unmasks a stretch in place (RFC 6455 §5.3).
   *
   * @param key the masking key as it stands on the wire, read big-endian.
   * @returns all bytes of the result OR-ed together: below 0x80 when all of them are ASCII.
   */
  mask(from: number, to: number, key: number): number {
    // The call costs 6 ns, so it pays for a single word already.
    if (this.#mask !== undefined) return this.#mask(from, to, key);
    return applyMask(this.bytes, key, from, to, this.words);
  }
}

/** Undefined where WebAssembly is missing (`--jitless`), forbidden (a page's policy) or too old for vectors. */
function vectorMemory(size: number): { buffer: ArrayBuffer; mask?: Mask } | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  try {
    compiled ??= new WebAssembly.Module(maskCode());
    const pages = Math.ceil(size / PAGE);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { f: mask } = new WebAssembly.Instance(compiled, { m: { m: memory } }).exports;
    return { buffer: memory.buffer, mask };
  } catch {
    return undefined;
  }
}

import { CompressedCode, OpCode } from '../codec/opcode.ts';
import { PreparedFrames } from '../codec/prepared-frames.ts';

/** A message that any number of sessions send; what is the same for several of them is made once. */
export class SharedMessage {
  readonly isText: boolean;
  readonly data: Uint8Array;
  /** Whether to compress it where that was agreed on; by its size when undefined. */
  readonly compress: boolean | undefined;
  readonly #plain: PreparedFrames;
  #compressed: Map<Uint8Array, PreparedFrames> | undefined;

  /** @param data the payload, which must not change any more. */
  constructor(isText: boolean, data: Uint8Array, compress?: boolean) {
    this.isText = isText;
    this.data = data;
    this.compress = compress;
    this.#plain = new PreparedFrames(this.opcodeOf(data), data);
  }

  /** How its frames with `payload`, its data or a compressed form of them, begin. */
  opcodeOf(payload: Uint8Array): OpCode {
    if (payload === this.data) return this.isText ? OpCode.Text : OpCode.Binary;
    return this.isText ? CompressedCode.Text : CompressedCode.Binary;
  }

  /** Its frames with `payload` as a server sends them, each with at most `limit` bytes. */
  frames(payload: Uint8Array, limit: number): Buffer {
    const frames = payload === this.data ? this.#plain : this.#framesOf(payload);
    return frames.within(limit);
  }

  #framesOf(payload: Uint8Array): PreparedFrames {
    this.#compressed ??= new Map();
    let frames = this.#compressed.get(payload);
    if (frames === undefined) {
      frames = new PreparedFrames(this.opcodeOf(payload), payload);
      this.#compressed.set(payload, frames);
    }
    return frames;
  }
}

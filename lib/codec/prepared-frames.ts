import { frameEnd } from './frame-end.ts';
import { headerSize, writeStart } from './frame-header.ts';
import { OpCode } from './opcode.ts';

/**
 * One message as a server sends it: unmasked, so that its frames are the same for every connection
 * and are laid down once.
 */
export class PreparedFrames {
  readonly #opcode: OpCode;
  readonly #payload: Uint8Array;
  #bytes: Buffer | undefined;
  #limit = 0;

  /** @param payload must not change any more. */
  constructor(opcode: OpCode, payload: Uint8Array) {
    this.#opcode = opcode;
    this.#payload = payload;
  }

  /**
   * The frames, one behind the other, each with at most `limit` bytes of the payload.
   *
   * Those of the last limit are kept.
   */
  within(limit: number): Buffer {
    // All that leave the message whole are the same.
    const effective = Math.min(limit, this.#payload.length);
    if (this.#bytes === undefined || effective !== this.#limit) {
      this.#bytes = layDown(this.#opcode, this.#payload, limit);
      this.#limit = effective;
    }
    return this.#bytes;
  }
}

function layDown(opcode: OpCode, payload: Uint8Array, limit: number): Buffer {
  const ends: number[] = [];
  let size = 0;
  let start = 0;
  do {
    const end = frameEnd(payload, start, limit, opcode === OpCode.Text);
    ends.push(end);
    size += headerSize(end - start) + end - start;
    start = end;
  } while (start < payload.length);

  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  start = 0;
  for (const end of ends) {
    const frameCode = start === 0 ? opcode : OpCode.Continue;
    writeStart(bytes, at, frameCode, end === payload.length, end - start, false);
    at += headerSize(end - start);
    bytes.set(payload.subarray(start, end), at);
    at += end - start;
    start = end;
  }
  return bytes;
}

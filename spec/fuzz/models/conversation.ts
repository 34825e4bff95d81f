import { readClose } from './close-status.ts';
import { readUtf8 } from './utf8.ts';

/** What a session is to tell, answer and wait for after it has read some bytes. */
export interface Conversation {
  /** As in `RecordingEvents`; of a violation without its reason, whose words are the library's. */
  readonly told: (string | number | boolean)[][];
  /** The frames that it sends: opcode and payload, of a Close frame the code alone. */
  readonly sent: [opcode: number, payload: string][];
  readonly isAwaiting: boolean;
}

/** How a session reads. */
export interface Reading {
  /** Whether the bytes are a client's. */
  readonly fromClient: boolean;
  readonly maxFrame: number;
  readonly maxMessage: number;
  /** Whether the session has sent a Close frame before it reads. */
  readonly hasClosed: boolean;
}

/** Reads all of `bytes` at once, by RFC 6455 §5 to §7, and as plainly as that is written. */
export function converse(bytes: Buffer, reading: Reading): Conversation {
  return new Model(bytes, reading).read();
}

class Model {
  readonly #bytes: Buffer;
  readonly #reading: Reading;
  readonly #told: (string | number | boolean)[][] = [];
  readonly #sent: [number, string][] = [];
  #kind: 'none' | 'text' | 'binary' = 'none';
  // The message so far; of a text, the end that is not a whole character stands apart.
  #pieces: Buffer[] = [];
  #length = 0;
  #cut = Buffer.alloc(0);
  #isOver = false;

  constructor(bytes: Buffer, reading: Reading) {
    this.#bytes = bytes;
    this.#reading = reading;
  }

  read(): Conversation {
    let at = 0;
    while (!this.#isOver) {
      const size = this.#frame(this.#bytes.subarray(at));
      if (size === 0) break;
      at += size;
    }
    const isInside = at < this.#bytes.length || this.#kind !== 'none';
    return { told: this.#told, sent: this.#sent, isAwaiting: !this.#isOver && isInside };
  }

  /** Takes the frame at the start; its size, or 0 when it is not whole or the end. */
  #frame(rest: Buffer): number {
    if (rest.length === 0) return 0;
    const isFinal = rest[0]! >= 0x80;
    const opcode = rest[0]! % 16;
    const isControl = opcode >= 8;
    if (rest[0]! % 128 >= 16) return this.#fail(1002);
    if (![0, 1, 2, 8, 9, 10].includes(opcode)) return this.#fail(1002);
    if (isControl && !isFinal) return this.#fail(1002);
    if (!isControl && (opcode === 0) === (this.#kind === 'none')) return this.#fail(1002);
    if (rest.length === 1) return 0;

    const short = rest[1]! % 128;
    const isMasked = rest[1]! >= 0x80;
    if (isControl && short > 125) return this.#fail(1002);
    if (isMasked !== this.#reading.fromClient) return this.#fail(1002);

    const lengthSize = short === 126 ? 2 : short === 127 ? 8 : 0;
    const header = 2 + lengthSize + (isMasked ? 4 : 0);
    const code = this.#lengthFault(rest.subarray(2, 2 + lengthSize), short, lengthSize);
    if (code !== undefined) return this.#fail(code);
    if (rest.length < header) return 0;
    const length =
      lengthSize === 0
        ? short
        : rest.readUIntBE(lengthSize === 2 ? 2 : 4, lengthSize === 2 ? 2 : 6);
    if (!isControl && length + this.#length > this.#reading.maxMessage) return this.#fail(1009);

    const size = header + length;
    const isWhole = rest.length >= size;
    const payload = Buffer.from(rest.subarray(header, size));
    const key = rest.subarray(header - 4, header);
    if (isMasked) for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i % 4]!;
    if (isControl && isWhole) this.#control(opcode, payload);
    if (!isControl) this.#data(opcode, isFinal, payload, isWhole);
    return isWhole ? size : 0;
  }

  /** The code to fail with when `bytes`, all or some of those of the length, cannot become a good one. */
  #lengthFault(bytes: Buffer, short: number, size: number): number | undefined {
    const smallest = BigInt(size === 0 ? short : size === 2 ? 126 : 65_536);
    const missing = size - bytes.length;
    const digits = size === 0 ? BigInt(short).toString(16) : `0${bytes.toString('hex')}`;
    const least = BigInt(`0x${digits}${'00'.repeat(missing)}`);
    const most = BigInt(`0x${digits}${'ff'.repeat(missing)}`);
    if (most < smallest || least >= 2n ** 63n) return 1002;
    // As long as it may still be too small, nobody knows which of the two is wrong.
    if (least >= smallest && least > BigInt(this.#reading.maxFrame)) return 1009;
    return undefined;
  }

  #data(opcode: number, isFinal: boolean, payload: Buffer, isWhole: boolean): void {
    if (opcode !== 0) this.#kind = opcode === 1 ? 'text' : 'binary';
    if (this.#kind === 'text' && !this.#text(isFinal, payload, isWhole)) return;
    if (!isWhole) {
      if (opcode !== 0) this.#kind = 'none';
      return;
    }
    if (this.#kind === 'binary') this.#told.push(['binaryFrame', payload.toString('hex'), isFinal]);
    this.#pieces.push(payload);
    this.#length += payload.length;
    if (!isFinal) return;

    const message = Buffer.concat(this.#pieces);
    if (this.#kind === 'text') this.#told.push(['textMessage', message.toString()]);
    else this.#told.push(['binaryMessage', message.toString('hex')]);
    this.#kind = 'none';
    this.#pieces = [];
    this.#length = 0;
  }

  /** Whether the text is right so far. */
  #text(isFinal: boolean, payload: Buffer, isWhole: boolean): boolean {
    const text = Buffer.concat([this.#cut, payload]);
    const { whole, brokenAt } = readUtf8(text);
    if (brokenAt !== undefined || (isWhole && isFinal && whole < text.length)) {
      this.#fail(1007);
      return false;
    }
    if (!isWhole) return true;
    this.#told.push(['textFrame', text.toString('utf8', 0, whole), isFinal]);
    this.#cut = text.subarray(whole);
    return true;
  }

  #control(opcode: number, payload: Buffer): void {
    if (opcode === 9) {
      if (!this.#reading.hasClosed) this.#sent.push([10, payload.toString('hex')]);
    } else if (opcode === 10) {
      this.#told.push(['pong', payload.toString('hex')]);
    } else {
      const { code, reason, isInvalid } = readClose(payload);
      if (isInvalid) this.#fail(code);
      else this.#end(code, reason);
    }
  }

  #fail(code: number): 0 {
    this.#end(code, undefined);
    return 0;
  }

  #end(code: number, reason: string | undefined): void {
    this.#isOver = true;
    if (this.#reading.hasClosed) return;
    this.#sent.push([8, code === 1005 ? '' : String(code)]);
    this.#told.push(reason === undefined ? ['closing', code] : ['closing', code, reason]);
  }
}

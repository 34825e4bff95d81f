import { isUtf8 } from 'node:buffer';
import { setImmediate as turn } from 'node:timers/promises';
import { frame, frameStart, type FrameOptions } from '../../support/frames.ts';
import type { RawConnection } from '../../support/raw-peer.ts';
import type { Compression } from './compression.ts';
import { fragments, type Frame, type Heard } from './conversation.ts';

const KINDS: Readonly<Record<number, Heard['kind']>> = {
  1: 'text',
  2: 'binary',
  9: 'ping',
  10: 'pong',
};

const RSV1 = 0x40;

// Those that may stand in a Close frame (RFC 6455 §7.4, and what IANA has registered since).
const isSendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && (code < 1004 || code > 1006)) || (code >= 3000 && code <= 4999);

/**
 * The other side of an endpoint that is tested: sends what it is told, right or wrong, and holds
 * everything that the endpoint sends against RFC 6455. Its codec has nothing in common with lib's.
 */
export class StrictPeer {
  readonly connection: RawConnection;
  readonly heard: Heard[] = [];
  /** What the endpoint has sent and must not. */
  readonly faults: string[] = [];
  /** The code of its Close frame: 1005 for an empty one, undefined before there was one. */
  closeCode: number | undefined;
  /** How many of its messages came compressed. */
  compressedMessages = 0;
  /** Whether it has ended its side of the stream. */
  hasEnded = false;
  readonly #isClient: boolean;
  readonly #compression: Compression | undefined;
  #message: { kind: Heard['kind']; isCompressed: boolean; payloads: Buffer[] } | undefined;
  readonly #begun = new Map<Frame, Buffer>();
  #wake = (): void => {};

  constructor(connection: RawConnection, isClient: boolean, compression?: Compression) {
    this.connection = connection;
    this.#isClient = isClient;
    this.#compression = compression;
    // A piece must not wait for the endpoint to acknowledge the one before.
    connection.socket.setNoDelay();
    void this.#listen();
  }

  /** Sends `frames` in one write, one write each, or pieces of so many bytes. */
  async send(frames: readonly Frame[], pieces: 'one' | 'frames' | number): Promise<void> {
    const encoded: Buffer[] = [];
    for (const each of frames) encoded.push(this.#encode(each));
    if (pieces === 'frames') {
      for (const bytes of encoded) await this.#write(bytes);
      return;
    }
    const bytes = Buffer.concat(encoded);
    const size = pieces === 'one' ? bytes.length : pieces;
    for (let at = 0; at < bytes.length; at += size)
      await this.#write(bytes.subarray(at, at + size));
  }

  /** Sends the bytes of a frame that hold the payload from `from` to `to`; the header goes with the first part. */
  async sendPart(sent: Frame, from: number, to: number): Promise<void> {
    // One encoding, as its mask has one key.
    const begun = this.#begun.get(sent);
    const bytes = begun ?? this.#encode(sent);
    this.#begun.set(sent, bytes);
    const header = bytes.length - sent.payload.length;
    await this.#write(bytes.subarray(begun === undefined ? 0 : header + from, header + to));
  }

  /** Sends a message, compressed as agreed, in fragments of at most `size` bytes. */
  async sendCompressed(opcode: number, message: Buffer, size: number): Promise<void> {
    const [first, ...rest] = fragments(opcode, await this.#compression!.compress(message), size);
    await this.send([{ ...first!, reserved: RSV1 }, ...rest], 'one');
  }

  /** Sends the header of a frame and nothing of its payload. */
  async announce(opcode: number, length: number | bigint): Promise<void> {
    await this.#write(frameStart(opcode, length, this.#isClient ? { key: newKey() } : {}));
  }

  /** Waits until `isTrue`; returns at once when the endpoint has nothing more to say. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue() && !this.hasEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The bytes of `sent`, masked with a key of its own when this side is the client. */
  #encode({ opcode, payload, isFinal, reserved, lengthSize, isMaskWrong = false }: Frame): Buffer {
    const options: FrameOptions = {
      isFinal,
      reserved,
      ...(lengthSize === undefined ? {} : { lengthSize }),
      ...(this.#isClient !== isMaskWrong ? { key: newKey() } : {}),
    };
    return frame(opcode, payload, options);
  }

  /** Each piece goes out by itself, as far as TCP lets it. */
  async #write(bytes: Buffer): Promise<void> {
    const { socket } = this.connection;
    if (!socket.writable) return;
    const taken = new Promise((resolve) => socket.write(bytes, resolve));
    await Promise.race([taken, this.connection.closed]);
    await turn();
  }

  async #listen(): Promise<void> {
    try {
      while (true) {
        await this.#next();
        this.#wake();
      }
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('ended too early')) {
        this.faults.push(String(error));
      }
    }
    if (this.connection.unread.length > 0) this.faults.push('The stream ended inside a frame.');
    this.hasEnded = true;
    this.#wake();
  }

  async #next(): Promise<void> {
    const [first, second] = await this.connection.read(2);
    const short = second! & 0x7f;
    const extension = await this.connection.read(short < 126 ? 0 : short === 126 ? 2 : 8);
    const length = short < 126 ? short : Number(BigInt(`0x${extension.toString('hex')}`));
    const isMasked = (second! & 0x80) !== 0;
    if (isMasked === this.#isClient) this.faults.push('The mask bit is not that of its role.');
    if (short === 126 && length < 126)
      this.faults.push('A length is not written in the fewest bytes.');
    if (short === 127 && length < 65_536)
      this.faults.push('A length is not written in the fewest bytes.');

    const key = isMasked ? await this.connection.read(4) : Buffer.alloc(4);
    const payload = await this.connection.read(length);
    if (isMasked) for (let i = 0; i < length; i++) payload[i] = payload[i]! ^ key[i & 3]!;
    if (this.closeCode !== undefined) this.faults.push('A frame follows its Close frame.');
    await this.#take(first! & 0x70, first! & 0x0f, (first! & 0x80) !== 0, payload);
  }

  async #take(reserved: number, opcode: number, isFinal: boolean, payload: Buffer): Promise<void> {
    const isCompressed = reserved === RSV1 && (opcode === 1 || opcode === 2);
    if (reserved !== 0 && !(isCompressed && this.#compression !== undefined)) {
      this.faults.push('A reserved bit is set.');
    }
    if (opcode >= 8) {
      if (payload.length > 125) this.faults.push('A control frame is longer than 125 bytes.');
      if (!isFinal) this.faults.push('A control frame is fragmented.');
    }
    if (opcode === 8) this.#close(payload);
    else if (opcode === 9 || opcode === 10) this.#hear(KINDS[opcode]!, payload);
    else if (opcode <= 2) await this.#data(opcode, isFinal, isCompressed, payload);
    else this.faults.push(`Its opcode is ${opcode}.`);
  }

  async #data(
    opcode: number,
    isFinal: boolean,
    isCompressed: boolean,
    payload: Buffer,
  ): Promise<void> {
    if ((opcode === 0) !== (this.#message !== undefined)) {
      this.faults.push('Its fragments are out of order.');
      return;
    }
    this.#message ??= { kind: KINDS[opcode]!, isCompressed, payloads: [] };
    this.#message.payloads.push(payload);
    if (!isFinal) return;

    const { kind, payloads, isCompressed: isDeflated } = this.#message;
    this.#message = undefined;
    const whole = payloads.length === 1 ? payloads[0]! : Buffer.concat(payloads);
    const message = isDeflated ? await this.#compression!.decompress(whole) : whole;
    if (isDeflated) this.compressedMessages++;
    if (kind === 'text' && !isUtf8(message)) this.faults.push('Its text is no UTF-8.');
    this.#hear(kind, message);
  }

  #close(payload: Buffer): void {
    const code = payload.length === 0 ? 1005 : payload.length === 1 ? 0 : payload.readUInt16BE(0);
    if (payload.length > 0 && !isSendable(code))
      this.faults.push(`It closes with the code ${code}.`);
    if (!isUtf8(payload.subarray(2))) this.faults.push('Its close reason is no UTF-8.');
    this.closeCode = code;
  }

  #hear(kind: Heard['kind'], payload: Buffer): void {
    this.heard.push({ kind, payload });
  }
}

function newKey(): number {
  return Math.floor(Math.random() * 2 ** 32);
}

import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from 'node:zlib';

// What a sender leaves out at the end of each message (RFC 7692 §7.2.1).
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);

/** What one direction has agreed on (RFC 7692 §7.1). */
export interface Direction {
  readonly windowBits: number;
  readonly hasTakeover: boolean;
}

/** permessage-deflate of the peer's own, over streams of zlib that are flushed message by message. */
export class Compression {
  readonly #outgoing: Direction;
  readonly #incoming: Direction;
  #deflate: DeflateRaw | undefined;
  #inflate: InflateRaw | undefined;

  constructor(outgoing: Direction, incoming: Direction) {
    this.#outgoing = outgoing;
    this.#incoming = incoming;
  }

  /** That of the side `isClient`, as the header of an answer has it; undefined when it has none. */
  static of(answer: string, isClient: boolean): Compression | undefined {
    if (answer === '') return undefined;
    const [client, server] = ['client', 'server'].map((side) => ({
      windowBits: Number(new RegExp(`${side}_max_window_bits=(\\d+)`).exec(answer)?.[1] ?? 15),
      hasTakeover: !answer.includes(`${side}_no_context_takeover`),
    })) as [Direction, Direction];
    return isClient ? new Compression(client, server) : new Compression(server, client);
  }

  async compress(message: Buffer): Promise<Buffer> {
    const { windowBits, hasTakeover } = this.#outgoing;
    const stream = (this.#deflate ??= createDeflateRaw({
      // zlib makes 9 of 8 in a raw stream. Without matches no distance is beyond any window.
      windowBits: Math.max(9, windowBits),
      strategy: windowBits === 8 ? constants.Z_HUFFMAN_ONLY : constants.Z_DEFAULT_STRATEGY,
    }));
    if (!hasTakeover) this.#deflate = undefined;
    const bytes = await through(stream, message);
    return bytes.subarray(0, bytes.length - TAIL.length);
  }

  async decompress(message: Buffer): Promise<Buffer> {
    const { windowBits, hasTakeover } = this.#incoming;
    const stream = (this.#inflate ??= createInflateRaw({ windowBits }));
    if (!hasTakeover) this.#inflate = undefined;
    return await through(stream, Buffer.concat([message, TAIL]));
  }
}

/** What `stream` makes of `bytes` up to a flush. */
async function through(stream: DeflateRaw | InflateRaw, bytes: Buffer): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const collect = (piece: Buffer): void => void pieces.push(piece);
  stream.on('data', collect);
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.write(bytes, () => {
      stream.flush(constants.Z_SYNC_FLUSH, () => {
        stream.off('error', reject);
        resolve();
      });
    });
  });
  stream.off('data', collect);
  return Buffer.concat(pieces);
}

/** What a frame is beside its opcode and payload. */
export interface FrameOptions {
  readonly isFinal?: boolean;
  /** The masking key, big-endian; a frame without one is not masked. */
  readonly key?: number | undefined;
  /** The bits RSV1 to RSV3 as they stand in the first byte. */
  readonly reserved?: number;
  /** How many bytes the length takes beside the first one; the fewest unless it is given. */
  readonly lengthSize?: 0 | 2 | 8;
}

/** A frame as it is on the wire. */
export interface WireFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  readonly key: number | undefined;
  readonly payload: Buffer;
  /** The number of bytes before the payload. */
  readonly header: number;
}

/** One frame, written straight from RFC 6455 §5.2. */
export function frame(
  opcode: number,
  payload: string | Uint8Array = '',
  options: FrameOptions = {},
): Buffer {
  const bytes = Buffer.from(payload as Uint8Array);
  return Buffer.concat([
    frameStart(opcode, bytes.length, options),
    options.key === undefined ? bytes : masked(bytes, options.key),
  ]);
}

/** The header of a frame whose payload is announced to have `length` bytes. */
export function frameStart(
  opcode: number,
  length: number | bigint,
  { isFinal = true, key, reserved = 0, lengthSize }: FrameOptions = {},
): Buffer {
  const size = lengthSize ?? (length < 126 ? 0 : length < 65536 ? 2 : 8);
  const bytes = Buffer.alloc(2 + size + (key === undefined ? 0 : 4));
  bytes[0] = (isFinal ? 0x80 : 0) | reserved | opcode;
  bytes[1] = size === 0 ? Number(length) : size === 2 ? 126 : 127;
  if (size === 2) bytes.writeUInt16BE(Number(length), 2);
  if (size === 8) bytes.writeBigUInt64BE(BigInt(length), 2);
  if (key !== undefined) {
    bytes[1] |= 0x80;
    bytes.writeInt32BE(key | 0, 2 + size);
  }
  return bytes;
}

/** `bytes` masked octet by octet, as RFC 6455 §5.3 defines it. */
export function masked(bytes: Uint8Array, key: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeInt32BE(key | 0);
  return Buffer.from(bytes.map((byte, i) => byte ^ octets[i % 4]!));
}

/** The frames that lie in `bytes`; throws when those are not whole. */
export function readFrames(bytes: Buffer): WireFrame[] {
  const frames: WireFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const short = bytes[at + 1]! & 0x7f;
    const size = short < 126 ? 0 : short === 126 ? 2 : 8;
    const length =
      size === 0
        ? short
        : size === 2
          ? bytes.readUInt16BE(at + 2)
          : Number(bytes.readBigUInt64BE(at + 2));
    const isMasked = (bytes[at + 1]! & 0x80) !== 0;
    const header = 2 + size + (isMasked ? 4 : 0);
    const key = isMasked ? bytes.readUInt32BE(at + header - 4) : undefined;
    const payload = bytes.subarray(at + header, at + header + length);
    if (payload.length < length) throw new Error('The last frame is not whole.');
    frames.push({
      opcode: bytes[at]! & 0x7f,
      isFinal: (bytes[at]! & 0x80) !== 0,
      key,
      payload: key === undefined ? Buffer.from(payload) : masked(payload, key),
      header,
    });
    at += header + length;
  }
  return frames;
}

/** `bytes` in pieces of their own, cut at the given places, each taken modulo the length. */
export function cut(bytes: Uint8Array, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).toSorted((a, b) => a - b)];
  return edges.map((edge, i) => Buffer.from(bytes.subarray(edge, edges[i + 1])));
}

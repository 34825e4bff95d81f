/** What a frame is beside its opcode and payload. */
export interface FrameOptions {
  /** Whether it ends its message; it does unless this is false. */
  readonly isFinal?: boolean;
  /** The masking key, read big-endian; a frame without one is not masked. */
  readonly key?: number | undefined;
  /** The bits RSV1 to RSV3 as they stand in the first byte: 0x40, 0x20 and 0x10. */
  readonly reserved?: number;
  /** How many bytes the length takes beside the first one; the fewest unless it is given. */
  readonly lengthSize?: 0 | 2 | 8;
}

/** A frame as it is on the wire. */
export interface WireFrame {
  readonly opcode: number;
  readonly isFinal: boolean;
  /** The masking key, read big-endian; undefined when the frame is not masked. */
  readonly key: number | undefined;
  /** What it carries, unmasked. */
  readonly payload: Buffer;
  /** The number of bytes before the payload. */
  readonly header: number;
}

/** The bytes of one frame, whether RFC 6455 allows it or not. */
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

/** The header of a frame that announces `length` bytes, which need not follow (RFC 6455 §5.2). */
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

/** How many bytes the header takes of the frame whose first two bytes these are. */
export function headerLength(start: Uint8Array): number {
  const short = start[1]! & 0x7f;
  const size = short < 126 ? 0 : short === 126 ? 2 : 8;
  return 2 + size + ((start[1]! & 0x80) === 0 ? 0 : 4);
}

/** How many bytes the payload takes behind a whole `header`. */
export function payloadLength(header: Buffer): number {
  const short = header[1]! & 0x7f;
  if (short < 126) return short;
  return short === 126 ? header.readUInt16BE(2) : Number(header.readBigUInt64BE(2));
}

/** The frame of a whole `header` and its payload, as it came. */
export function readFrame(header: Buffer, payload: Buffer): WireFrame {
  const isMasked = (header[1]! & 0x80) !== 0;
  const key = isMasked ? header.readUInt32BE(header.length - 4) : undefined;
  return {
    opcode: header[0]! & 0x7f,
    isFinal: (header[0]! & 0x80) !== 0,
    key,
    payload: key === undefined ? Buffer.from(payload) : masked(payload, key),
    header: header.length,
  };
}

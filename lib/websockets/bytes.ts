/** What may be given where Qt takes a QByteArray. */
export type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;

/**
 * The bytes of `data`, without copying.
 *
 * @throws TypeError for everything else: a number or text in the place of bytes would send
 *   something that nobody meant; and for bytes that have been transferred away.
 */
export function toBytes(data: Bytes): Uint8Array {
  // A view of what was transferred looks empty, and only fails when it is copied. Its length does not
  // in code that V8 has optimized (Node 20 and 22): that is still the one of before.
  if (data instanceof Uint8Array && data.byteLength > 0) return data;
  if (ArrayBuffer.isView(data))
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (isArrayBuffer(data)) return new Uint8Array(data);
  throw new TypeError(`Expected bytes (Uint8Array, ArrayBuffer or a view), got ${typeof data}.`);
}

/** Also of another realm, such as a frame of a page, whose classes are not ours. */
function isArrayBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}

import {
  headerLength,
  payloadLength,
  readFrame,
  type WireFrame,
} from '../../lib/testing/wire-frame.ts';

export {
  frame,
  frameStart,
  masked,
  type FrameOptions,
  type WireFrame,
} from '../../lib/testing/wire-frame.ts';

/** The frames that lie in `bytes`; throws when those are not whole. */
export function readFrames(bytes: Buffer): WireFrame[] {
  const frames: WireFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = bytes.subarray(at, at + headerLength(bytes.subarray(at)));
    at += header.length;
    const payload = bytes.subarray(at, at + payloadLength(header));
    if (payload.length < payloadLength(header)) throw new Error('The last frame is not whole.');
    frames.push(readFrame(header, payload));
    at += payload.length;
  }
  return frames;
}

/** `bytes` in pieces of their own, cut at the given places, each taken modulo the length. */
export function cut(bytes: Uint8Array, at: readonly number[]): Buffer[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).toSorted((a, b) => a - b)];
  return edges.map((edge, i) => Buffer.from(bytes.subarray(edge, edges[i + 1])));
}

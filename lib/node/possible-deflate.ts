import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { DeflateParameters } from '../codec/deflate-parameters.ts';

const TEXT = Buffer.from('as it was before');

let isAble: boolean | undefined;

/**
 * What of `wanted` is possible: that no message refers to earlier ones where zlib cannot do so. Deno's
 * takes a dictionary, and neither uses it nor finds in it what others refer to.
 */
export function possibleDeflate(
  wanted: DeflateParameters,
  canRefer: boolean = zlibRefers(),
): DeflateParameters {
  if (canRefer) return wanted;
  return { ...wanted, serverNoContextTakeover: true, clientNoContextTakeover: true };
}

function zlibRefers(): boolean {
  isAble ??= tryIt();
  return isAble;
}

function tryIt(): boolean {
  const compressed = deflateRawSync(TEXT, { dictionary: TEXT });
  if (compressed.length >= deflateRawSync(TEXT).length) return false;
  return inflateRawSync(compressed, { dictionary: TEXT }).equals(TEXT);
}

/** Ways to make a digest, as QCryptographicHash::Algorithm. @enum */
export const Algorithm = {
  /** Not available in Node. */
  Md4: 0,
  Md5: 1,
  Sha1: 2,
  Sha224: 3,
  Sha256: 4,
  Sha384: 5,
  Sha512: 6,
  /** Not available in Node. */
  Keccak_224: 7,
  /** Not available in Node. */
  Keccak_256: 8,
  /** Not available in Node. */
  Keccak_384: 9,
  /** Not available in Node. */
  Keccak_512: 10,
  RealSha3_224: 11,
  Sha3_224: 11,
  RealSha3_256: 12,
  Sha3_256: 12,
  RealSha3_384: 13,
  Sha3_384: 13,
  RealSha3_512: 14,
  Sha3_512: 14,
  /** Not available in Node. */
  Blake2b_160: 15,
  /** Not available in Node. */
  Blake2b_256: 16,
  /** Not available in Node. */
  Blake2b_384: 17,
  Blake2b_512: 18,
  /** Not available in Node. */
  Blake2s_128: 19,
  /** Not available in Node. */
  Blake2s_160: 20,
  /** Not available in Node. */
  Blake2s_224: 21,
  Blake2s_256: 22,
} as const;
export type Algorithm = (typeof Algorithm)[keyof typeof Algorithm];

/** Qt's enumerators under the name of the class that has them in Qt, nested and flat. */
export const QCryptographicHash: Readonly<typeof Algorithm & { Algorithm: typeof Algorithm }> =
  Object.freeze({ ...Algorithm, Algorithm });

const NODE_NAMES: ReadonlyMap<Algorithm, string> = new Map([
  [Algorithm.Md5, 'md5'],
  [Algorithm.Sha1, 'sha1'],
  [Algorithm.Sha224, 'sha224'],
  [Algorithm.Sha256, 'sha256'],
  [Algorithm.Sha384, 'sha384'],
  [Algorithm.Sha512, 'sha512'],
  [Algorithm.Sha3_224, 'sha3-224'],
  [Algorithm.Sha3_256, 'sha3-256'],
  [Algorithm.Sha3_384, 'sha3-384'],
  [Algorithm.Sha3_512, 'sha3-512'],
  [Algorithm.Blake2b_512, 'blake2b512'],
  [Algorithm.Blake2s_256, 'blake2s256'],
]);

/** What `node:crypto` calls `algorithm`; undefined when it does not have it. */
export function nodeHashName(algorithm: Algorithm): string | undefined {
  return NODE_NAMES.get(algorithm);
}

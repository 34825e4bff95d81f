import { expect } from 'chai';
import { getHashes } from 'node:crypto';
import { Algorithm, nodeHashName, QCryptographicHash } from '../../lib/ssl/qcryptographichash.ts';

describe('QCryptographicHash', () => {
  it('holds Algorithm nested and flat', () => {
    expect(QCryptographicHash.Algorithm).to.equal(Algorithm);
    expect(QCryptographicHash).to.include(Algorithm);
  });

  it("has Qt's numbers", () => {
    expect(QCryptographicHash).to.include({
      Md4: 0,
      Md5: 1,
      Sha1: 2,
      Sha256: 4,
      Sha512: 6,
      Keccak_224: 7,
      RealSha3_224: 11,
      Sha3_512: 14,
      Blake2b_160: 15,
      Blake2s_256: 22,
    });
  });
});

describe('nodeHashName()', () => {
  const without = [
    Algorithm.Md4,
    Algorithm.Keccak_224,
    Algorithm.Keccak_256,
    Algorithm.Keccak_384,
    Algorithm.Keccak_512,
    Algorithm.Blake2b_160,
    Algorithm.Blake2b_256,
    Algorithm.Blake2b_384,
    Algorithm.Blake2s_128,
    Algorithm.Blake2s_160,
    Algorithm.Blake2s_224,
  ] as const;
  const all = Object.entries(Algorithm);

  for (const [name, algorithm] of all.filter(([, a]) => !without.some((w) => w === a))) {
    it(`names a hash of Node for ${name}`, () => {
      expect(getHashes()).to.include(nodeHashName(algorithm));
    });
  }

  for (const [name, algorithm] of all.filter(([, a]) => without.some((w) => w === a))) {
    it(`has none for ${name}`, () => {
      expect(nodeHashName(algorithm)).to.equal(undefined);
    });
  }
});

import { expect } from 'chai';
import {
  isCloseCodeValid,
  MAX_CLOSE_REASON,
  truncateCloseReason,
} from '../../lib/network/close-code.ts';

describe('isCloseCodeValid()', () => {
  const rows: readonly [from: number, to: number, isValid: boolean][] = [
    [0, 999, false],
    [1000, 1003, true],
    [1004, 1006, false],
    [1007, 1014, true],
    [1015, 2999, false],
    [3000, 4999, true],
    [5000, 7000, false],
    [65535, 65535, false],
  ];
  for (const [from, to, isValid] of rows) {
    it(`${isValid ? 'accepts' : 'refuses'} ${from}–${to}`, () => {
      for (let code = from; code <= to; code++) {
        expect(isCloseCodeValid(code), String(code)).to.equal(isValid);
      }
    });
  }

  for (const value of [1000.5, Number.NaN, Infinity, -1000, -1]) {
    it(`refuses ${value}`, () => {
      expect(isCloseCodeValid(value)).to.equal(false);
    });
  }
});

describe('truncateCloseReason()', () => {
  it('leaves 123 bytes', () => {
    expect(MAX_CLOSE_REASON).to.equal(123);
  });

  const rows: Record<string, [reason: string, expected: string]> = {
    'no reason': ['', ''],
    'a reason that fits': ['bye', 'bye'],
    'a reason of 123 bytes': ['x'.repeat(123), 'x'.repeat(123)],
    'one byte too many': ['x'.repeat(124), 'x'.repeat(123)],
    'a very long reason': ['x'.repeat(100_000), 'x'.repeat(123)],
    'a character of two bytes that ends in byte 123': [
      `${'x'.repeat(121)}ä!`,
      `${'x'.repeat(121)}ä`,
    ],
    'a character of two bytes across the limit': [`${'x'.repeat(122)}ä`, 'x'.repeat(122)],
    'a character of three bytes across the limit': [`${'x'.repeat(121)}€`, 'x'.repeat(121)],
    'a character of four bytes across the limit': [`${'x'.repeat(120)}😀`, 'x'.repeat(120)],
    'nothing but long characters': ['€'.repeat(60), '€'.repeat(41)],
    'nothing but pairs': ['😀'.repeat(62), '😀'.repeat(30)],
    'a lone surrogate': ['a\ud800b', 'a\ufffdb'],
    'a pair that is cut by the first look': [`${'x'.repeat(123)}😀`, 'x'.repeat(123)],
    'a leading U+FEFF': ['\ufeffx', '\ufeffx'],
  };
  for (const [of, [reason, expected]] of Object.entries(rows)) {
    it(`takes care of ${of}`, () => {
      expect(truncateCloseReason(reason)).to.equal(expected);
    });
  }
});

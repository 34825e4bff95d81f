import { expect } from 'chai';
import { derChildren, derElement, objectIdentifier, type DerElement } from '../../lib/ssl/der.ts';
import { hex } from '../support/hex.ts';

describe('derElement()', () => {
  const elements: Record<string, [bytes: string, element: DerElement | undefined]> = {
    'an empty element': ['05 00', { tag: 5, start: 2, end: 2 }],
    'a short length': ['30 03 01 02 03', { tag: 0x30, start: 2, end: 5 }],
    'what follows as not its own': ['30 01 00 ff ff', { tag: 0x30, start: 2, end: 3 }],
    'a length in one byte': [`04 81 80 ${'00 '.repeat(128)}`, { tag: 4, start: 3, end: 131 }],
    'a length in two bytes': [`04 82 01 00 ${'00 '.repeat(256)}`, { tag: 4, start: 4, end: 260 }],
    'a length in four bytes': ['04 84 00 00 00 01 00', { tag: 4, start: 6, end: 7 }],
    'no bytes as none': ['', undefined],
    'a tag alone as none': ['30', undefined],
    'a tag of several bytes as none': ['1f 81 00', undefined],
    'a length beyond the end as none': ['30 02 00', undefined],
    'a length that is cut off as none': ['30 82 01', undefined],
    'the largest length as none': ['30 84 ff ff ff ff 00', undefined],
    'a length in five bytes as none': ['30 85 00 00 00 00 01 00', undefined],
    'an indefinite length as none': ['30 80 00 00', undefined],
  };
  for (const [what, [bytes, element]] of Object.entries(elements)) {
    it(`reads ${what}`, () => {
      expect(derElement(hex(bytes), 0)).to.deep.equal(element);
    });
  }

  it('reads at an offset', () => {
    expect(derElement(hex('00 00 05 01 ff'), 2)).to.deep.equal({ tag: 5, start: 4, end: 5 });
  });

  it('reads up to a limit', () => {
    expect(derElement(hex('04 01 00 00'), 0, 3)).to.deep.equal({ tag: 4, start: 2, end: 3 });
    expect(derElement(hex('04 02 00 00'), 0, 3)).to.equal(undefined);
    expect(derElement(hex('04 82 00 00'), 0, 3)).to.equal(undefined);
  });

  it('finds nothing behind the end', () => {
    expect(derElement(hex('05 00'), 2)).to.equal(undefined);
  });
});

describe('derChildren()', () => {
  const children: Record<string, [bytes: string, tags: number[]]> = {
    nothing: ['30 00', []],
    'two elements': ['30 05 01 00 02 01 00', [1, 2]],
    'nothing behind its end': ['30 02 01 00 02 00', [1]],
    'what comes before a broken one': ['30 05 01 00 02 02 00', [1]],
  };
  for (const [what, [bytes, tags]] of Object.entries(children)) {
    it(`reads ${what}`, () => {
      const all = [...derChildren(hex(bytes), derElement(hex(bytes), 0)!)];

      expect(all.map(({ tag }) => tag)).to.deep.equal(tags);
    });
  }
});

describe('objectIdentifier()', () => {
  const identifiers: Record<string, [bytes: string, text: string]> = {
    'a short one': ['55 04 03', '2.5.4.3'],
    'numbers of several bytes': ['2a 86 48 86 f7 0d 01 09 01', '1.2.840.113549.1.9.1'],
    'the root 0': ['09 92 26', '0.9.2342'],
    'a large number below the root 2': ['88 37', '2.999'],
    'no bytes as none': ['', ''],
    'a number that is cut off without it': ['55 04 83', '2.5.4'],
    'a number that is too large as none': ['55 ff ff ff ff ff ff ff ff ff 7f', ''],
  };
  for (const [what, [bytes, text]] of Object.entries(identifiers)) {
    it(`reads ${what}`, () => {
      const data = hex(bytes);

      expect(objectIdentifier(data, { tag: 6, start: 0, end: data.length })).to.equal(text);
    });
  }
});

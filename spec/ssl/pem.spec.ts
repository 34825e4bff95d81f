import { expect } from 'chai';
import { pemBlocks, toPem } from '../../lib/ssl/pem.ts';

const block = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64}\n-----END ${label}-----\n`;

describe('pemBlocks()', () => {
  const texts: Record<string, [text: string, contents: string[]]> = {
    'no text': ['', []],
    'one block': [block('X', 'YWJj'), ['abc']],
    'blocks among other text': [`a\n${block('X', 'YQ==')}b\n${block('X', 'Yg==')}c`, ['a', 'b']],
    'blocks of other labels': [
      block('Y', 'YQ==') + block('X', 'Yg==') + block('X Y', 'Yw=='),
      ['b'],
    ],
    'a block in one line': ['-----BEGIN X-----YWJj-----END X-----', ['abc']],
    'line breaks of Windows': [block('X', 'YW\r\nJj').replaceAll('\n', '\r\n'), ['abc']],
    'an empty block': [block('X', ''), ['']],
    'a block without an end': [block('X', 'YQ==') + '-----BEGIN X-----\nYg==', ['a']],
    'an end without a beginning': ['-----END X-----', []],
  };
  for (const [what, [text, contents]] of Object.entries(texts)) {
    it(`reads ${what}`, () => {
      const blocks = Array.from(pemBlocks(text, 'X'), (bytes) => Buffer.from(bytes).toString());

      expect(blocks).to.deep.equal(contents);
    });
  }
});

describe('toPem()', () => {
  it('writes lines of 64 characters between the labels (RFC 7468 §2)', () => {
    expect(toPem('X', new Uint8Array(49))).to.equal(block('X', `${'A'.repeat(64)}\nAA==`));
  });

  it('writes the bytes of a view only', () => {
    const bytes = new Uint8Array([0, 0x61, 0x62, 0x63, 0]).subarray(1, 4);

    expect(toPem('X', bytes)).to.equal(block('X', 'YWJj'));
  });
});

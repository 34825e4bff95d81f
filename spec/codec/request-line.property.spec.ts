import { expect } from 'chai';
import fc from 'fast-check';
import { isRefusal } from '../../lib/codec/refusal.ts';
import { checkRequestLine, isRequestLine, readRequestLine } from '../../lib/codec/request-line.ts';

// What a line is made of, and what breaks it.
const piece = fc.constantFrom(
  'GET',
  'get',
  'POST',
  ' ',
  '  ',
  '/',
  '/a?b',
  '#',
  '"',
  '$',
  '~',
  '\x7f',
  '\t',
  '\n',
  '\xe9',
  'HTTP/1.1',
  'HTTP/1.0',
  'HTTP/2.0',
  'x',
);
const usual = fc.tuple(piece, piece).map(([a, b]) => `GET /${a}${b} HTTP/1.1`);
const line = fc.oneof(
  usual,
  fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')),
);

describe('readRequestLine(), for any line', () => {
  it('says what checkRequestLine() says of its parts', () => {
    fc.assert(
      fc.property(line, (text) => {
        const [method = '', target = '', version = '', ...others] = text.split(' ');
        const wrong =
          others.length > 0 ? { status: 400 } : checkRequestLine(method, target, version);

        const read = readRequestLine(text);

        if (wrong === undefined) expect(read).to.deep.equal({ target });
        else expect(read).to.include({ status: wrong.status });
        expect(isRequestLine(text)).to.equal(!isRefusal(read));
      }),
      { numRuns: 2000 },
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { LineReader, MAX_LINE } from '../../../examples/bridge/line-reader.ts';

/** What a reader makes of these pieces, and of the end behind them. */
function read(...pieces: (string | Uint8Array)[]): (string | null)[] {
  const found: (string | null)[] = [];
  const reader = new LineReader({
    line: (text) => found.push(text),
    tooLong: () => found.push(null),
  });
  for (const piece of pieces) reader.push(Buffer.from(piece));
  reader.end();
  return found;
}

describe('LineReader', () => {
  it('finds the lines, whichever way they end', () => {
    expect(read('one\ntwo\r\n\nfour\n')).to.deep.equal(['one', 'two', '', 'four']);
  });

  it('waits for the end of a line', () => {
    expect(read('o', 'n', 'e\nt', 'wo\n')).to.deep.equal(['one', 'two']);
  });

  it('takes CR for an end only before LF, also where the two come apart', () => {
    expect(read('a\rb\r', '\nc\r\r\n')).to.deep.equal(['a\rb', 'c\r']);
  });

  it('takes what comes last for a line', () => {
    expect(read('one\ntwo')).to.deep.equal(['one', 'two']);
  });

  it('finds none in nothing', () => {
    expect(read()).to.deep.equal([]);
    expect(read('', '')).to.deep.equal([]);
  });

  it('reads characters that are cut in two', () => {
    const bytes = Buffer.from('größer 🙂\n');

    expect(read(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).to.deep.equal(['größer 🙂']);
  });

  it('puts U+FFFD where there is no UTF-8', () => {
    expect(read(Uint8Array.of(0x61, 0xff, 0x62, 0x0a))).to.deep.equal(['a\ufffdb']);
  });

  it('reads a line of the greatest length', () => {
    const line = 'x'.repeat(MAX_LINE);

    expect(read(line, '\nnext\n')).to.deep.equal([line, 'next']);
  });

  it('skips one that is longer, and goes on behind it', () => {
    const half = 'x'.repeat(MAX_LINE / 2 + 1);

    expect(read('first\n', half, half, half, 'x\nnext\n')).to.deep.equal(['first', null, 'next']);
    expect(read(half, half)).to.deep.equal([null]);
  });

  it('finds the same however the bytes are cut', () => {
    const text = fc
      .array(fc.constantFrom('a', 'ü', '🙂', '\r', '\n', '\r\n', ' '))
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, fc.array(fc.nat(40)), (whole, cuts) => {
        const bytes = Buffer.from(whole);
        const places = [0, ...cuts.toSorted((one, other) => one - other), bytes.length];
        const pieces = places.slice(1).map((end, index) => bytes.subarray(places[index], end));

        const lines = whole
          .split('\n')
          .map((line, index, all) =>
            index < all.length - 1 && line.endsWith('\r') ? line.slice(0, -1) : line,
          );
        // The last one has no end; one that has nothing is none.
        if (lines.at(-1) === '') lines.pop();
        else if (lines.at(-1)!.endsWith('\r')) lines.push(lines.pop()!.slice(0, -1));
        expect(read(...pieces)).to.deep.equal(lines);
      }),
    );
  });
});

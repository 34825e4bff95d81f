import { expect } from 'chai';
import fc from 'fast-check';
import {
  HeadReader,
  SERVER_HEAD_LIMITS,
  writeHead,
  type HeadLimits,
  type HeadResult,
} from '../../lib/codec/http-head.ts';

const small: HeadLimits = {
  maxFields: 3,
  maxFieldSize: 30,
  maxSize: 80,
  maxStartLine: 30,
  maxEmptyLines: 1,
};

function cut(bytes: Buffer, at: number[]): Buffer[] {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).toSorted((a, b) => a - b)];
  return edges.map((edge, i) => Buffer.from(bytes.subarray(edge, edges[i + 1])));
}

/** Pushes until there is a result; what was not pushed then counts as following the head. */
function readAll(limits: HeadLimits, chunks: Buffer[]): unknown {
  const reader = new HeadReader(limits);
  for (const [i, chunk] of chunks.entries()) {
    const result: HeadResult | undefined = reader.push(chunk);
    expect(reader.heldBytes).to.be.at.most(limits.maxSize);
    if (result === undefined) continue;
    if ('failure' in result) return result;
    const rest = Buffer.concat([result.rest, ...chunks.slice(i + 1)]);
    return { head: result.head, rest: rest.toString('latin1') };
  }
  return undefined;
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const name = fc.string({
  unit: fc.constantFrom(...'aZ09-_~'.split('')),
  minLength: 1,
  maxLength: 8,
});
const value = fc.string({ unit: fc.constantFrom(...'ab:,; \t"\u00e9'.split('')), maxLength: 20 });
// Pieces of heads, so that the noise comes far.
const noise = fc
  .array(
    fc.constantFrom(
      'GET / HTTP/1.1',
      '\r\n',
      '\r',
      '\n',
      'A:',
      ' ',
      'b',
      '\0',
      '\xff',
      'long',
      'A',
    ),
    { maxLength: 40 },
  )
  .map((pieces) => Buffer.from(pieces.join(''), 'latin1'));

describe('HeadReader, for any head cut at any places', () => {
  it('reads what was written, and what follows it', () => {
    const fields = fc.array(fc.tuple(name, value), { maxLength: 6 });
    fc.assert(
      fc.property(fields, fc.uint8Array({ maxLength: 20 }), cuts, (sent, behind, at) => {
        const head = writeHead('GET / HTTP/1.1', sent.flat());
        const wire = Buffer.concat([head, behind]);

        expect(readAll(SERVER_HEAD_LIMITS, cut(wire, at))).to.deep.equal({
          head: {
            startLine: 'GET / HTTP/1.1',
            fields: sent.flatMap(([key, text]) => [key, text.replace(/^[ \t]+|[ \t]+$/g, '')]),
            text: head.toString('latin1'),
          },
          rest: Buffer.from(behind).toString('latin1'),
        });
      }),
    );
  });

  it('comes to the same result as with one chunk, whatever the bytes', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, at) => {
        expect(readAll(small, cut(bytes, at))).to.deep.equal(readAll(small, [bytes]));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('HeadReader, for noise', () => {
  it('never throws and never holds more than its limit', () => {
    const chunks = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 6 });
    fc.assert(
      fc.property(chunks, (sent) => {
        readAll(
          small,
          sent.map((chunk) => Buffer.from(chunk)),
        );
      }),
    );
  });
});

import { expect } from 'chai';
import fc from 'fast-check';
import { ProxyHeaderReader, type ProxyHeaderResult } from '../../lib/codec/proxy-header.ts';
import { hex } from '../support/hex.ts';
import { cut } from '../support/frames.ts';

const START = hex('0D0A0D0A000D0A515549540A 21');
const cuts = fc.array(fc.nat(), { maxLength: 8 });
const port = fc.integer({ min: 0, max: 65_535 });

/** What comes of `bytes` in pieces: the result, and all that follows the header. */
function readAll(bytes: Buffer, at: number[]): { result?: ProxyHeaderResult; rest: Buffer } {
  const reader = new ProxyHeaderReader();
  let result: ProxyHeaderResult | undefined;
  const rest: Buffer[] = [];
  for (const piece of cut(bytes, at)) {
    if (result === undefined) {
      result = reader.push(piece);
      if (result !== undefined && 'rest' in result) rest.push(result.rest);
    } else if ('rest' in result) {
      rest.push(piece);
    }
  }
  return { ...(result === undefined ? {} : { result }), rest: Buffer.concat(rest) };
}

describe('ProxyHeaderReader, for any header cut at any places', () => {
  it('tells the ends that went in, and gives back what follows', () => {
    const anything = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(
        fc.ipV4(),
        fc.ipV4(),
        port,
        port,
        anything,
        anything,
        cuts,
        (source, target, from, to, more, behind, at) => {
          const header = Buffer.alloc(15);
          header.set([0x11], 0);
          header.writeUInt16BE(12 + more.length, 1);
          header.set([...source.split('.'), ...target.split('.')].map(Number), 3);
          header.writeUInt16BE(from, 11);
          header.writeUInt16BE(to, 13);
          const { result, rest } = readAll(Buffer.concat([START, header, more, behind]), at);

          expect(result).to.deep.include({
            ends: { peer: { address: source, port: from }, local: { address: target, port: to } },
          });
          expect(rest.equals(behind)).to.equal(true);
        },
      ),
    );
  });

  it('never throws at noise, and comes to the same end however it is cut', () => {
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([START, bytes])),
      fc.string({ maxLength: 120 }).map((text) => Buffer.from(`PROXY ${text}\r\n`)),
    );
    fc.assert(
      fc.property(noise, cuts, (bytes, at) => {
        const whole = readAll(Buffer.from(bytes), []);
        const pieces = readAll(Buffer.from(bytes), at);

        expect(pieces.rest).to.deep.equal(whole.rest);
        expect(withoutRest(pieces.result)).to.deep.equal(withoutRest(whole.result));
      }),
    );
  });
});

function withoutRest(result: ProxyHeaderResult | undefined): unknown {
  return result !== undefined && 'rest' in result ? { ends: result.ends } : result;
}

import { expect } from 'chai';
import fc from 'fast-check';
import { Socks5Handshake } from '../../lib/codec/socks5.ts';
import { hex } from '../support/hex.ts';
import { RecordingSocks5Sink } from '../support/recording-socks5-sink.ts';

const joe = { user: 'joe', password: 'pw' };

function play(bytes: Buffer, cuts: number[]): RecordingSocks5Sink {
  const sink = new RecordingSocks5Sink();
  const handshake = new Socks5Handshake({ host: 'a.example', port: 80 }, joe, sink);
  handshake.start();
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b)];
  for (const [i, edge] of edges.entries()) {
    handshake.push(Buffer.from(bytes.subarray(edge, edges[i + 1])));
    if (sink.outcome === undefined) continue;
    // The rest is the target's, whatever chunk it comes in.
    const rest = edges[i + 1] === undefined ? '' : bytes.subarray(edges[i + 1]).toString('hex');
    if (sink.outcome[0] === 'connected') sink.outcome[1] += rest;
    break;
  }
  return sink;
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });
const address = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => [1, ...bytes]),
  fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => [4, ...bytes]),
  fc.uint8Array({ maxLength: 255 }).map((bytes) => [3, bytes.length, ...bytes]),
);
// Bytes that mean something, so that the noise comes far.
const noise = fc
  .array(fc.constantFrom(0, 1, 2, 3, 4, 5, 0xff), { maxLength: 40 })
  .map((bytes) => Buffer.from(bytes));

describe('Socks5Handshake, for any bytes cut at any places', () => {
  it('finds the end of every good handshake', () => {
    const login = fc.constantFrom('0500', '0502 0100');
    const early = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(login, address, early, cuts, (before, bound, behind, at) => {
        const bytes = Buffer.concat([
          hex(before),
          hex('050000'),
          Buffer.from(bound),
          hex('1234'),
          behind,
        ]);

        const { outcome } = play(bytes, at);

        expect(outcome).to.deep.equal(['connected', Buffer.from(behind).toString('hex')]);
      }),
    );
  });

  it('does the same as with all bytes at once', () => {
    fc.assert(
      fc.property(noise, cuts, (bytes, at) => {
        const whole = play(bytes, []);
        const cut = play(bytes, at);

        expect(cut.outcome).to.deep.equal(whole.outcome);
        expect(cut.sent).to.deep.equal(whole.sent);
        expect(cut.calls).to.be.at.most(1);
      }),
    );
  });
});

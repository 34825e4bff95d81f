import { expect } from 'chai';
import fc from 'fast-check';
import { DeflateHistory } from '../../lib/node/deflate-history.ts';

describe('DeflateHistory', () => {
  it('is empty at first', () => {
    const history = new DeflateHistory(10);

    expect(history.length).to.equal(0);
    expect(history.view()).to.equal(undefined);
  });

  it('keeps the last bytes of all messages, whatever their sizes', () => {
    const sizes = fc.array(fc.nat({ max: 700 }), { maxLength: 30 });
    fc.assert(
      fc.property(fc.constantFrom(1, 256, 1000, 1024), sizes, (most, lengths) => {
        const history = new DeflateHistory(most);
        let all = Buffer.alloc(0);
        for (const [i, length] of lengths.entries()) {
          const message = Buffer.alloc(length, i + 1);
          history.add(message);
          all = Buffer.concat([all, message]);

          const kept = all.subarray(Math.max(0, all.length - most));
          expect(history.length).to.equal(kept.length);
          expect(history.view()?.toString('hex') ?? '').to.equal(kept.toString('hex'));
        }
      }),
    );
  });

  it('keeps nothing when that was asked for', () => {
    const history = new DeflateHistory(0);
    history.add(Buffer.from('abc'));

    expect(history.view()).to.equal(undefined);
  });

  it('takes no more memory than it needs', () => {
    const history = new DeflateHistory(32_768);
    history.add(Buffer.alloc(100));
    expect(history.view()!.buffer.byteLength).to.be.at.most(256);

    for (let i = 0; i < 1000; i++) history.add(Buffer.alloc(100));
    expect(history.view()!.buffer.byteLength).to.equal(32_768);
  });
});

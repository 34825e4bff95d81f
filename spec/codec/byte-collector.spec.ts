import { expect } from 'chai';
import { ByteCollector } from '../../lib/codec/byte-collector.ts';

/** How much memory a collector has taken; small amounts are parts of a pool of up to 64 KiB. */
function roomOf(collector: ByteCollector): number {
  return collector.view().buffer.byteLength;
}

function numbered(length: number, from = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, i) => from + i));
}

describe('ByteCollector', () => {
  let collector: ByteCollector;

  beforeEach(() => {
    collector = new ByteCollector();
  });

  it('is empty at first', () => {
    expect(collector.length).to.equal(0);
    expect(collector.view()).to.have.lengthOf(0);
    expect(collector.take()).to.have.lengthOf(0);
  });

  it('puts stretches one behind the other', () => {
    collector.append(Buffer.from('-Hel-'), 1, 4);
    collector.append(new TextEncoder().encode('lo, world'), 0, 4);
    collector.append(Buffer.from('world'), 0, 5);

    expect(collector.length).to.equal(12);
    expect(collector.view().toString()).to.equal('Hello, world');
  });

  it('keeps a copy', () => {
    const piece = Buffer.from('abc');
    collector.append(piece, 0, 3);

    piece.fill(0);

    expect(collector.view().toString()).to.equal('abc');
  });

  it('hands over what it has and begins anew', () => {
    collector.append(Buffer.from('first'), 0, 5);
    const first = collector.take();
    collector.append(Buffer.from('second'), 0, 6);

    expect(collector.length).to.equal(6);
    expect(first.toString()).to.equal('first');
    expect(collector.take().toString()).to.equal('second');
  });

  it('lets go of everything', () => {
    collector.append(numbered(100), 0, 100);

    collector.clear();

    expect(collector.length).to.equal(0);
    expect(collector.view()).to.have.lengthOf(0);
  });

  it('grows through every length', () => {
    const piece = numbered(7);
    for (let i = 0; i < 1000; i++) collector.append(piece, 0, 7);

    const bytes = collector.view();
    expect(bytes).to.have.lengthOf(7000);
    expect(bytes.every((byte, i) => byte === i % 7)).to.equal(true);
  });

  describe('its memory', () => {
    it('is at most four times of what has come, whatever is expected', () => {
      collector.append(numbered(100_000), 0, 100_000, 2 ** 31);
      for (let length = 100_000; length < 2_000_000; length += 1000) {
        expect(roomOf(collector)).to.be.at.most(4 * length);
        collector.append(numbered(1000), 0, 1000, 2 ** 31);
      }
    });

    it('may be given, and given away with what it is not filled with', () => {
      const given = Buffer.alloc(1000);
      collector.use(given);
      collector.append(numbered(700), 0, 700, 700);

      expect(collector.takeAll()).to.equal(given);
      expect(given.subarray(0, 700).equals(numbered(700))).to.equal(true);
      expect(collector.length).to.equal(0);
    });

    it('never exceeds what is expected', () => {
      for (let i = 0; i < 700; i++) {
        collector.append(numbered(100), 0, 100, 70_000);
        expect(roomOf(collector)).to.be.at.most(70_000);
      }
    });

    it('is about the sum of the pieces, however small they are', () => {
      const piece = numbered(1);
      for (let i = 0; i < 100_000; i++) collector.append(piece, 0, 1);

      expect(roomOf(collector)).to.be.at.most(200_000);
    });

    it('is not taken for empty pieces', () => {
      for (let i = 0; i < 1000; i++) collector.append(numbered(1), 0, 0);

      expect(collector.length).to.equal(0);
      expect(collector.view()).to.have.lengthOf(0);
    });

    it('goes on with the bytes taken only as far as it was filled', () => {
      collector.append(numbered(100_000), 0, 100_000);
      const room = roomOf(collector);

      const bytes = collector.take();

      expect(room).to.equal(200_000);
      expect(bytes.buffer.byteLength).to.equal(100_000);
    });

    it('is handed over without copying when it is full', () => {
      collector.append(numbered(200), 0, 200, 200);
      const view = collector.view();

      const bytes = collector.take();

      expect(bytes.buffer).to.equal(view.buffer);
      expect(bytes.byteOffset).to.equal(view.byteOffset);
    });

    it('is not copied more than a few times over, however it grows', () => {
      let rooms = 0;
      let last: ArrayBufferLike | undefined;
      const piece = numbered(64);
      for (let i = 0; i < 16_384; i++) {
        collector.append(piece, 0, 64, 1024 * 1024);
        if (collector.view().buffer !== last) rooms++;
        last = collector.view().buffer;
      }

      expect(rooms).to.be.at.most(9);
    });
  });
});

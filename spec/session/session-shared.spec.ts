import { expect } from 'chai';
import { restore, spy } from 'sinon';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { PreparedFrames } from '../../lib/codec/prepared-frames.ts';
import { Slab } from '../../lib/codec/slab.ts';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import { RIG_KEY, SessionRig } from '../support/session-rig.ts';
import { SlowCoder } from '../support/slow-coder.ts';

const { Text, Close, Ping } = OpCode;
const { Text: CompressedText } = CompressedCode;

function textOf(message: string, compress?: boolean): SharedMessage {
  return new SharedMessage(true, Buffer.from(message), compress);
}

function binaryOf(data: Uint8Array): SharedMessage {
  return new SharedMessage(false, data);
}

for (const [side, isClient] of [
  ['client', true],
  ['server', false],
] as const) {
  describe(`Session of a ${side}, with messages that others send as well`, () => {
    let rig: SessionRig;

    beforeEach(() => {
      rig = new SessionRig(isClient);
    });

    afterEach(() => {
      rig.session.abort();
    });

    describe('sendShared()', () => {
      const contents: Record<string, [content: string, frameSize: number]> = {
        'an empty message': ['', 0],
        'a short one': ['Grüße', 0],
        'one with a long header': ['x'.repeat(200), 0],
        'one that leaves the slab': ['€'.repeat(5000), 0],
        'one with the longest header': ['x'.repeat(70_000), 0],
        'one in fragments': ['ä€😀aä€😀a', 4],
        'one in fragments of one byte': ['ä€😀', 1],
        'one that just fits': ['abcd', 4],
        'one in large fragments': ['x'.repeat(50_000), 20_000],
      };
      for (const [what, [content, frameSize]] of Object.entries(contents)) {
        it(`sends the bytes of sendText() and sendBinary(): ${what}`, () => {
          const plain = new SessionRig(isClient);
          plain.settings.outgoingFrameSize = frameSize;
          plain.session.sendText(content);
          plain.session.sendBinary(Buffer.from(content));
          plain.turn();

          rig.settings.outgoingFrameSize = frameSize;
          expect(rig.session.sendShared(textOf(content))).to.equal(true);
          expect(rig.session.sendShared(binaryOf(Buffer.from(content)))).to.equal(true);
          expect(rig.session.bytesToWrite()).to.equal(plain.wire.bytes.length);
          rig.turn();

          expect(rig.wire.bytes.equals(plain.wire.bytes)).to.equal(true);
        });
      }

      it('keeps to the order, with one write for a turn', () => {
        const shared = textOf('shared');
        rig.session.sendText('a');
        rig.session.sendShared(shared);
        rig.session.sendPing(Buffer.from('b'));
        rig.session.sendShared(shared);
        rig.session.close(1000, '');

        expect(rig.sent.map(([opcode]) => opcode)).to.deep.equal([Text, Text, Ping, Text, Close]);
        expect(rig.wire.pieces).to.have.lengthOf(1);
      });

      it('asks for one flush in a turn', () => {
        rig.session.sendShared(textOf('a'));
        rig.session.sendShared(textOf('b'));

        expect(rig.wire.flushes).to.equal(1);
      });

      it('leaves the data as they are', () => {
        for (const size of [10, 20_000]) {
          const data = Buffer.alloc(size, 'x');
          const shared = binaryOf(data);
          rig.session.sendShared(shared);
          rig.session.sendShared(shared);
          rig.turn();

          expect(data.equals(Buffer.alloc(size, 'x'))).to.equal(true);
        }
        expect(rig.wire.frames.map(({ payload }) => payload[0])).to.deep.equal(
          Array.from({ length: 4 }, () => 0x78),
        );
      });

      it('sends nothing when the connection is not open', () => {
        rig.session.close(1000, '');
        const { length } = rig.wire.bytes;

        expect(rig.session.sendShared(textOf('late'))).to.equal(false);
        rig.turn();

        expect(rig.wire.bytes).to.have.lengthOf(length);
      });

      it('sends nothing when more waits than may', () => {
        rig.settings.backlogLimit = 1000;
        rig.wire.isStuck = true;
        rig.session.sendShared(binaryOf(Buffer.alloc(2000)));
        rig.turn();
        const waiting = rig.session.bytesToWrite();

        expect(rig.session.sendShared(textOf('a'))).to.equal(false);
        expect(rig.session.bytesToWrite()).to.equal(waiting);
        rig.wire.take();
        expect(rig.session.sendShared(textOf('a'))).to.equal(true);
      });

      it('gives the connection up then, if that is the policy', () => {
        rig.settings.backlogLimit = 1000;
        rig.settings.backlogPolicy = BacklogPolicy.Disconnect;
        rig.wire.isStuck = true;
        rig.session.sendShared(binaryOf(Buffer.alloc(2000)));
        rig.turn();

        expect(rig.session.sendShared(textOf('a'))).to.equal(false);
        expect(rig.wire.asked).to.deep.equal(['destroy']);
      });
    });

    describe('sendShared() with compression', () => {
      let coder: SlowCoder;

      beforeEach(() => {
        coder = new SlowCoder();
        rig = new SessionRig(isClient, coder);
      });

      it('compresses what is long enough, or as the message says', () => {
        rig.session.sendShared(textOf('four'));
        rig.session.sendShared(textOf('abc'));
        rig.session.sendShared(textOf('four', false));
        rig.session.sendShared(textOf('a', true));
        rig.turn();

        expect(rig.sent).to.deep.equal([
          [CompressedText, '~four'],
          [Text, 'abc'],
          [Text, 'four'],
          [CompressedText, '~a'],
        ]);
        expect(coder.shared).to.equal(2);
      });

      it('splits what was compressed, RSV1 on the first frame alone', () => {
        rig.settings.outgoingFrameSize = 3;
        rig.session.sendShared(textOf('üabc'));
        const plain = new SessionRig(isClient, new SlowCoder());
        plain.settings.outgoingFrameSize = 3;
        plain.session.sendText('üabc');

        expect(rig.turn().wire.bytes.equals(plain.turn().wire.bytes)).to.equal(true);
        expect(rig.wire.frames).to.have.lengthOf(2);
      });

      it('keeps the order when a message takes time', () => {
        rig.session.sendShared(textOf('a long message'));
        rig.session.sendText('b');
        rig.session.sendShared(textOf('c'));
        rig.session.sendText('another long one');
        rig.session.sendShared(textOf('four'));
        expect(rig.session.bytesToWrite()).to.equal(36);
        rig.session.close(1000, '');
        rig.turn();
        expect(rig.sent).to.deep.equal([]);

        coder.finishDeflating();
        coder.finishDeflating();
        rig.turn();
        expect(rig.sent.slice(0, -1).map(([, payload]) => payload)).to.deep.equal([
          '~a long message',
          'b',
          'c',
          '~another long one',
          '~four',
        ]);
        expect(rig.sent.at(-1)![0]).to.equal(Close);
        expect(rig.session.bytesToWrite()).to.equal(0);
      });
    });
  });
}

describe('Sessions that send the same message', () => {
  const slab = new Slab();

  afterEach(() => {
    restore();
  });

  it('frame it once on servers', () => {
    const within = spy(PreparedFrames.prototype, 'within');
    const message = textOf('x'.repeat(20_000));
    const rigs = Array.from({ length: 50 }, () => new SessionRig(false, undefined, slab));
    for (const rig of rigs) rig.session.sendShared(message);
    for (const rig of rigs) rig.turn();

    expect(within.callCount).to.equal(50);
    expect(new Set(within.returnValues)).to.have.property('size', 1);
    // What is long is not even copied.
    expect(new Set(rigs.flatMap(({ wire }) => wire.given))).to.have.property('size', 1);
  });

  it('mask it with keys of their own on clients', () => {
    const message = textOf('Hello');
    const keys = [RIG_KEY, 0x01020304];
    const rigs = keys.map((key) => {
      const rig = new SessionRig(true, undefined, slab);
      rig.settings.maskGenerator = { nextMask: () => key };
      return rig;
    });
    for (const rig of rigs) rig.session.sendShared(message);
    for (const rig of rigs) rig.turn();

    expect(rigs.map(({ wire }) => wire.frames[0]!.key)).to.deep.equal(keys);
    expect(rigs.map(({ sent }) => sent)).to.deep.equal([[[Text, 'Hello']], [[Text, 'Hello']]]);
  });
});

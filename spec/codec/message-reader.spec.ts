import { expect } from 'chai';
import type { MessageLimits } from '../../lib/codec/message-assembler.ts';
import { MessageReader } from '../../lib/codec/message-reader.ts';
import { OpCode } from '../../lib/codec/opcode.ts';
import { frame } from '../support/frames.ts';
import { RecordingMessages } from '../support/recording-sink.ts';

const LIMITS: MessageLimits = { maxIncomingFrameSize: 100, maxIncomingMessageSize: 100 };
const KEY = { key: 0x37fa213d };

describe('MessageReader', () => {
  let messages: RecordingMessages;

  beforeEach(() => {
    messages = new RecordingMessages();
  });

  function reader(): MessageReader {
    return new MessageReader(messages, true, LIMITS, false);
  }

  it('tells the messages in what comes', () => {
    const own = reader();

    own.push(Buffer.concat([frame(OpCode.Text, 'a', KEY), frame(OpCode.Ping, 'b', KEY)]));

    expect(messages.heard).to.deep.equal([
      ['textFrame', 'a', true],
      ['textMessage', 'a'],
      ['ping', '62'],
    ]);
    expect(own.isAwaiting).to.equal(false);
  });

  it('tells them out of memory that is lent', () => {
    const bytes = Buffer.concat([frame(OpCode.Text, 'a', KEY), Buffer.alloc(9, 0xff)]);

    reader().pushLent({ bytes, mask: (from, to, key) => unmask(bytes, from, to, key) }, 7);

    expect(messages.heard).to.deep.equal([
      ['textFrame', 'a', true],
      ['textMessage', 'a'],
    ]);
  });

  for (const [what, bytes] of Object.entries({
    'a header': frame(OpCode.Text, 'a', KEY).subarray(0, 1),
    'a payload': frame(OpCode.Text, 'a', KEY).subarray(0, 6),
    'the next fragment': frame(OpCode.Text, 'a', { ...KEY, isFinal: false }),
  })) {
    it(`awaits the rest of ${what}, until it stops`, () => {
      const own = reader();

      own.push(Buffer.from(bytes));
      expect(own.isAwaiting).to.equal(true);

      own.stop();
      expect(own.isAwaiting).to.equal(false);
    });
  }

  it('keeps what comes while it is paused', () => {
    const own = reader();
    own.pause();
    own.push(frame(OpCode.Text, 'a', KEY));
    expect(messages.heard).to.deep.equal([]);

    own.resume();

    expect(messages.heard).to.have.lengthOf(2);
  });

  it('tells nothing after it was stopped', () => {
    const own = reader();
    messages.afterCall = () => own.stop();

    own.push(Buffer.concat([frame(OpCode.Text, 'a', KEY), frame(OpCode.Text, 'b', KEY)]));

    expect(messages.heard).to.deep.equal([['textFrame', 'a', true]]);
  });

  it('keeps to the limits, and to the side that masks', () => {
    reader().push(frame(OpCode.Text, 'a'.repeat(101), KEY));
    reader().push(frame(OpCode.Text, 'a'));

    expect(messages.heard.map(([name, code]) => [name, code])).to.deep.equal([
      ['violation', 1009],
      ['violation', 1002],
    ]);
  });
});

function unmask(bytes: Buffer, from: number, to: number, key: number): number {
  let seen = 0;
  for (let i = from; i < to; i++) {
    bytes[i]! ^= key >>> (24 - 8 * ((i - from) & 3));
    seen |= bytes[i]!;
  }
  return seen;
}

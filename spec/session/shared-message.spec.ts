import { expect } from 'chai';
import { CompressedCode, OpCode } from '../../lib/codec/opcode.ts';
import { SharedMessage } from '../../lib/session/shared-message.ts';
import { frame } from '../support/frames.ts';

const DATA = Buffer.from('Hello');

describe('SharedMessage', () => {
  it('knows how its frames begin', () => {
    const compressed = Buffer.from('~');
    const text = new SharedMessage(true, DATA);
    const binary = new SharedMessage(false, DATA);

    expect(text.opcodeOf(DATA)).to.equal(OpCode.Text);
    expect(text.opcodeOf(compressed)).to.equal(CompressedCode.Text);
    expect(binary.opcodeOf(DATA)).to.equal(OpCode.Binary);
    expect(binary.opcodeOf(compressed)).to.equal(CompressedCode.Binary);
  });

  it('has the frames of a server', () => {
    const text = new SharedMessage(true, DATA).frames(DATA, Infinity);
    const binary = new SharedMessage(false, DATA).frames(DATA, Infinity);

    expect(text.equals(frame(OpCode.Text, DATA))).to.equal(true);
    expect(binary.equals(frame(OpCode.Binary, DATA))).to.equal(true);
  });

  it('has them for each compressed form of its data', () => {
    const message = new SharedMessage(true, DATA);
    const forms = [Buffer.from('~1'), Buffer.from('~2')];

    for (const form of forms) {
      const expected = frame(OpCode.Text, form, { reserved: 0x40 });
      expect(message.frames(form, Infinity).equals(expected)).to.equal(true);
    }
  });

  it('makes each once', () => {
    const message = new SharedMessage(true, DATA);
    const forms = [DATA, Buffer.from('~1'), Buffer.from('~2')];
    const first = forms.map((form) => message.frames(form, Infinity));

    expect(forms.map((form) => message.frames(form, Infinity))).to.have.ordered.members(first);
  });
});

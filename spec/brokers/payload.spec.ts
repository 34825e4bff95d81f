import { expect } from 'chai';
import { readPayload, writePayload } from '../../lib/brokers/payload.ts';

describe('payloads of brokers', () => {
  for (const content of [
    '',
    'Grüße \u{1f4c8}\0',
    'c',
    new Uint8Array(),
    Uint8Array.of(0, 255),
    null,
  ]) {
    it(`bring ${JSON.stringify(content)} back as it was`, () => {
      expect(readPayload(writePayload(content))).to.deep.equal(content);
    });
  }

  it('are read from the middle of a buffer, into memory of their own', () => {
    const buffer = Buffer.concat([Buffer.from('--'), writePayload(Uint8Array.of(1, 2))]);
    const content = readPayload(buffer.subarray(2));
    buffer.fill(0);

    expect(content).to.deep.equal(Uint8Array.of(1, 2));
  });

  it('are not what somebody else has sent', () => {
    expect(readPayload(new Uint8Array())).to.equal(undefined);
    expect(readPayload(Buffer.from('{}'))).to.equal(undefined);
  });
});

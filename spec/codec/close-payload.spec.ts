import { expect } from 'chai';
import { NO_STATUS, parseClosePayload, writeClosePayload } from '../../lib/codec/close-payload.ts';
import { hex } from '../support/hex.ts';
import { invalidUtf8 } from '../support/utf8.ts';

function payload(code: number, reason: string | Uint8Array = ''): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code), Buffer.from(reason as Uint8Array)]);
}

describe('parseClosePayload()', () => {
  it('reads code and reason', () => {
    expect(parseClosePayload(hex('03e8 42 79 65'))).to.deep.equal({
      code: 1000,
      reason: 'Bye',
      isInvalid: false,
    });
  });

  it('says 1005 for an empty payload', () => {
    expect(parseClosePayload(Buffer.alloc(0))).to.deep.equal({
      code: NO_STATUS,
      reason: '',
      isInvalid: false,
    });
    expect(NO_STATUS).to.equal(1005);
  });

  it('reads reasons of every length', () => {
    for (let length = 0; length <= 123; length++) {
      const reason = 'a'.repeat(length);
      expect(parseClosePayload(payload(1000, reason)).reason).to.equal(reason);
    }
  });

  it('reads every ASCII character', () => {
    for (let code = 0; code < 0x80; code++) {
      const reason = String.fromCharCode(code);
      expect(parseClosePayload(payload(1000, reason)).reason).to.equal(reason);
    }
  });

  it('keeps a leading U+FEFF', () => {
    expect(parseClosePayload(payload(1000, '\ufeffx')).reason).to.equal('\ufeffx');
  });

  const valid = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
  for (const code of [...valid, 3000, 3999, 4000, 4999]) {
    it(`accepts ${code}, with and without a reason`, () => {
      expect(parseClosePayload(payload(code, 'a'))).to.deep.equal({
        code,
        reason: 'a',
        isInvalid: false,
      });
      expect(parseClosePayload(payload(code))).to.deep.equal({
        code,
        reason: '',
        isInvalid: false,
      });
    });
  }

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]) {
    it(`refuses ${code} with 1002`, () => {
      expect(parseClosePayload(payload(code))).to.deep.equal({
        code: 1002,
        reason: `Invalid close code ${code} detected.`,
        isInvalid: true,
      });
    });
  }

  it('refuses a single byte with 1002', () => {
    expect(parseClosePayload(hex('03'))).to.deep.equal({
      code: 1002,
      reason: 'Payload of close frame is too small.',
      isInvalid: true,
    });
  });

  it('refuses a reason that is no UTF-8 with 1007', () => {
    for (const [name, bytes] of Object.entries(invalidUtf8)) {
      expect(parseClosePayload(payload(1000, hex(bytes))), name).to.deep.equal({
        code: 1007,
        reason: 'Invalid UTF-8 code encountered.',
        isInvalid: true,
      });
    }
  });
});

describe('writeClosePayload()', () => {
  it('writes the code and the reason', () => {
    expect(writeClosePayload(1001, 'Grüße').toString('hex')).to.equal(
      payload(1001, 'Grüße').toString('hex'),
    );
  });

  it('writes nothing for 1005', () => {
    expect(writeClosePayload(NO_STATUS, 'nobody reads this')).to.have.lengthOf(0);
  });

  it('never writes more than a control frame holds, nor half a character', () => {
    const written = writeClosePayload(4999, 'ä'.repeat(100));

    expect(written).to.have.lengthOf(124);
    expect(parseClosePayload(written).reason).to.equal('ä'.repeat(61));
  });

  it('writes U+FFFD for a lone surrogate', () => {
    expect(writeClosePayload(1000, '\udc00').toString('hex')).to.equal('03e8efbfbd');
  });
});

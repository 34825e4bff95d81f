import { expect } from 'chai';
import {
  DEFAULT_COMPRESSION,
  toCompressionSettings,
  type CompressionOptions,
} from '../../lib/websockets/compression-options.ts';

describe('toCompressionSettings()', () => {
  it('fills in the defaults', () => {
    expect(toCompressionSettings({})).to.deep.equal({
      level: 6,
      threshold: 1024,
      historySize: 8192,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 15,
      serverNoContextTakeover: false,
      clientNoContextTakeover: false,
    });
  });

  it('fills them in where something is left undefined', () => {
    // As a program does that passes on options of its own, without exactOptionalPropertyTypes.
    const options = { level: undefined, threshold: 5 } as unknown as CompressionOptions;

    expect(toCompressionSettings(options)).to.deep.include({ level: 6, threshold: 5 });
  });

  it('takes what it is given', () => {
    const settings = {
      level: 1,
      threshold: 0,
      historySize: 0,
      serverMaxWindowBits: 9,
      clientMaxWindowBits: 10,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
    };
    expect(toCompressionSettings(settings)).to.deep.equal(settings);
    expect(DEFAULT_COMPRESSION.level).to.equal(6);
  });

  const limits = {
    level: [1, 9],
    threshold: [0, Number.MAX_SAFE_INTEGER],
    historySize: [0, 32_768],
    serverMaxWindowBits: [9, 15],
    clientMaxWindowBits: [9, 15],
  } as const;
  for (const [name, [least, most]] of Object.entries(limits)) {
    it(`takes ${name} from ${least} to ${most}`, () => {
      for (const value of [least, most]) {
        expect(toCompressionSettings({ [name]: value })).to.have.property(name, value);
      }
      for (const value of [least - 1, most + 1, least + 0.5, NaN, Infinity, '9' as never]) {
        expect(() => toCompressionSettings({ [name]: value })).to.throw(
          RangeError,
          `"${name}" must be a whole number from ${least} to ${most}, not ${value}.`,
        );
      }
    });
  }
});

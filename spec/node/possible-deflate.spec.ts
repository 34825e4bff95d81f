import { expect } from 'chai';
import { possibleDeflate } from '../../lib/node/possible-deflate.ts';

const wanted = {
  serverNoContextTakeover: false,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 12,
  clientMaxWindowBits: 13,
};

describe('possibleDeflate()', () => {
  it('is all that is wanted in Node', () => {
    expect(possibleDeflate(wanted)).to.equal(wanted);
  });

  it('is each message by itself where zlib knows no earlier ones', () => {
    expect(possibleDeflate(wanted, false)).to.deep.equal({
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 12,
      clientMaxWindowBits: 13,
    });
  });
});

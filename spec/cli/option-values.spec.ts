import { expect } from 'chai';
import { seconds, wholeNumber } from '../../lib/cli/option-values.ts';

describe('wholeNumber()', () => {
  it('reads a number within its limits', () => {
    expect(['1', '10', '007'].map(wholeNumber(1, 10))).to.deep.equal([1, 10, 7]);
  });

  for (const text of ['0', '11', '', '-1', '1.5', '1e1', '0x1', ' 1', '9'.repeat(99)]) {
    it(`refuses "${text}" with the limits`, () => {
      expect(() => wholeNumber(1, 10)(text)).to.throw('Give a whole number from 1 to 10.');
    });
  }
});

describe('seconds()', () => {
  it('gives milliseconds', () => {
    expect(['0', '2', '0.25', '1.005'].map(seconds)).to.deep.equal([0, 2000, 250, 1005]);
  });

  for (const text of ['', '-1', '1s', '.5', 'forever', '1e3', '1234567']) {
    it(`refuses "${text}"`, () => {
      expect(() => seconds(text)).to.throw('Give a number of seconds');
    });
  }
});

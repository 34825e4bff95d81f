import { expect } from 'chai';
import { Hold } from '../../lib/session/hold.ts';

describe('Hold', () => {
  it('holds nothing at first', () => {
    expect(new Hold()).to.deep.include({ count: 0, hasEnded: false, hasGone: false });
  });
});

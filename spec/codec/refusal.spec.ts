import { expect } from 'chai';
import { badRequest, isRefusal, refuse } from '../../lib/codec/refusal.ts';

describe('isRefusal()', () => {
  it('tells a refusal from other things', () => {
    expect(isRefusal(badRequest('No.'))).to.equal(true);
    expect(isRefusal({ target: '/' })).to.equal(false);
  });
});

describe('refuse()', () => {
  it('has no further headers unless they are given', () => {
    expect(refuse(418, 'I am a teapot', 'No.')).to.deep.equal({
      status: 418,
      reason: 'I am a teapot',
      detail: 'No.',
      headers: [],
    });
  });
});

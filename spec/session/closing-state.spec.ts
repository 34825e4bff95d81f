import { expect } from 'chai';
import { ClosingState } from '../../lib/session/closing-state.ts';

describe('ClosingState', () => {
  it('goes one way', () => {
    expect(Object.keys(ClosingState)).to.deep.equal(['Open', 'ClosedByUs', 'Ending', 'Gone']);
    expect(Object.values(ClosingState)).to.deep.equal([0, 1, 2, 3]);
  });
});

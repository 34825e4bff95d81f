import { expect } from 'chai';
import * as door from '../lib/streams.ts';

describe('the door for streams', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door)).to.deep.equal(['toDuplex']);
  });
});

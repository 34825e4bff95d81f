import { expect } from 'chai';
import * as door from '../lib/webchannel.ts';

describe('the door for Qt WebChannel', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door).toSorted()).to.deep.equal([
      'QWebChannel',
      'QWebChannelAbstractTransport',
      'WebSocketClientWrapper',
      'WebSocketTransport',
      'toWebChannelTransport',
    ]);
  });
});

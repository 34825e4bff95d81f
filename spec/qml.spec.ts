import { expect } from 'chai';
import * as door from '../lib/qml.ts';

describe('the door for the QML-style classes', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door).toSorted()).to.deep.equal(['Status', 'WebSocket', 'WebSocketServer']);
  });
});

import { expect } from 'chai';
import * as door from '../lib/testing.ts';

describe('the door for tests', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door)).to.deep.equal([
      'QSignalSpy',
      'ScriptedPeer',
      'ScriptedServer',
      'SignalSpy',
      'TIMERS',
      'advance',
      'frame',
      'frameStart',
      'openInMemory',
      'settled',
      'socketPair',
    ]);
  });
});

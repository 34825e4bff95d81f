import { expect } from 'chai';
import sinon from 'sinon';
import { onLaterTurn } from '../../lib/core/later-turn.ts';

describe('onLaterTurn()', () => {
  afterEach(() => {
    sinon.restore();
  });

  const platforms = [
    { where: 'with setImmediate', prepare: () => {} },
    {
      where: 'without setImmediate',
      prepare: () => sinon.stub(globalThis, 'setImmediate').value(undefined),
    },
  ];
  for (const { where, prepare } of platforms) {
    it(`calls its tasks later, in their order, ${where}`, () => {
      const clock = sinon.useFakeTimers();
      prepare();
      const calls: string[] = [];

      onLaterTurn(() => calls.push('first'));
      onLaterTurn(() => calls.push('second'));
      expect(calls).to.deep.equal([]);
      clock.runAll();

      expect(calls).to.deep.equal(['first', 'second']);
    });
  }

  it('does not wait for timers where it need not', () => {
    const clock = sinon.useFakeTimers();
    const calls: string[] = [];

    setTimeout(() => calls.push('timer'), 0);
    onLaterTurn(() => calls.push('task'));
    clock.runAll();

    expect(calls).to.deep.equal(['task', 'timer']);
  });
});

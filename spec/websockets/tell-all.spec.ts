import { expect } from 'chai';
import sinon from 'sinon';
import { tellAll } from '../../lib/websockets/tell-all.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

describe('tellAll()', () => {
  it('calls those who listen now, whatever one of them throws', async () => {
    const late = sinon.spy();
    const listeners = new Set<() => void>();
    const last = sinon.spy();
    listeners.add(() => {
      listeners.add(late);
      throw new Error('Tired.');
    });
    listeners.add(last);
    const errors = await uncaughtErrors(() => tellAll(listeners));

    sinon.assert.calledOnce(last);
    sinon.assert.notCalled(late);
    expect(errors.map(String)).to.deep.equal(['Error: Tired.']);
  });
});

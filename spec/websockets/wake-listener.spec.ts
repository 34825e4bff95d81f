import { expect } from 'chai';
import { EventEmitter } from 'node:events';
import sinon from 'sinon';
import { WakeListener } from '../../lib/websockets/wake-listener.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

describe('WakeListener', () => {
  it('tells when the machine falls asleep, and when it wakes up, as long as it listens', () => {
    const power = new EventEmitter();
    const asleep = sinon.spy();
    const awake = sinon.spy();
    const listener = new WakeListener(power, asleep, awake);
    power.emit('resume');
    listener.start();
    for (const event of ['suspend', 'resume', 'unlock-screen']) power.emit(event);
    listener.stop();
    power.emit('resume');

    sinon.assert.calledOnce(asleep);
    sinon.assert.calledTwice(awake);
    expect(power.eventNames()).to.deep.equal([]);
  });

  it('goes on without a source that throws', async () => {
    const source = {
      on(): void {
        throw new Error('No power.');
      },
      off(): void {},
    };
    const errors = await uncaughtErrors(() => {
      const listener = new WakeListener(source, sinon.spy(), sinon.spy());
      listener.start();
      listener.stop();
    });

    expect(errors.map(String)).to.deep.equal(['Error: No power.']);
  });
});

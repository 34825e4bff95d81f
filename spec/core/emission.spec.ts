import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { emission, reportUncaught, sender } from '../../lib/core/emission.ts';
import { Bell } from '../support/bell.ts';

describe('sender()', () => {
  let bell: Bell;
  let other: Bell;

  beforeEach(() => {
    bell = new Bell();
    other = new Bell();
  });

  afterEach(() => {
    sinon.restore();
  });

  it('is null outside of slots', () => {
    bell.ring();

    expect(sender()).to.equal(null);
  });

  it('is the object whose signal called the slot', () => {
    const senders: unknown[] = [];
    bell.on('rung', () => senders.push(sender()));
    bell.rung.connect({}, () => senders.push(sender()));

    bell.ring();

    expect(senders).to.deep.equal([bell, bell]);
  });

  it('is told to methods of a QObject', () => {
    const slot = sinon.spy(other, 'ringer');
    bell.rung.connect(other, slot);

    bell.ring();

    expect(slot.returnValues).to.deep.equal([bell]);
    expect(other.ringer()).to.equal(null);
  });

  it('is the inner sender in a nested emission, and the outer one after it', () => {
    const senders: unknown[] = [];
    other.on('rung', () => senders.push(sender()));
    bell.on('rung', () => {
      other.ring();
      senders.push(sender());
    });

    bell.ring();

    expect(senders).to.deep.equal([other, bell]);
  });

  it('is the last sender of a signal that is connected to a signal', () => {
    const senders: unknown[] = [];
    bell.rung.connect(other.rung);
    other.on('rung', () => senders.push(sender()));

    bell.ring();

    expect(senders).to.deep.equal([other]);
  });

  it('is the sender in a queued slot, even one that throws', () => {
    const clock = sinon.useFakeTimers();
    const senders: unknown[] = [];
    const slot = () => {
      senders.push(sender());
      throw new Error('queued');
    };
    bell.rung.connect(slot, ConnectionType.QueuedConnection);

    bell.ring();
    expect(() => clock.runAll()).to.throw('queued');

    expect(senders).to.deep.equal([bell]);
    expect(sender()).to.equal(null);
  });

  it('is null after a slot threw', () => {
    bell.on('rung', () => {
      throw new Error('slot');
    });

    expect(() => bell.ring()).to.throw('slot');

    expect(sender()).to.equal(null);
  });

  it('is the outer sender after an inner slot threw', () => {
    other.on('rung', () => {
      throw new Error('inner');
    });
    const senders: unknown[] = [];
    bell.on('rung', () => {
      expect(() => other.ring()).to.throw('inner');
      senders.push(sender());
    });

    bell.ring();

    expect(senders).to.deep.equal([bell]);
  });
});

describe('emission', () => {
  it('is isolated only within announce(), however emissions nest', () => {
    const bell = new Bell();
    const other = new Bell();
    const isolated: boolean[] = [];
    other.on('rung', () => isolated.push(emission.isIsolated));
    bell.on('rung', () => {
      other.ring();
      isolated.push(emission.isIsolated);
    });

    bell.toll();

    expect([...isolated, emission.isIsolated]).to.deep.equal([false, true, false]);
  });
});

describe('reportUncaught()', () => {
  it('throws in a microtask', () => {
    const queue = sinon.stub(globalThis, 'queueMicrotask');
    try {
      reportUncaught(new Error('lost'));
    } finally {
      queue.restore();
    }

    sinon.assert.calledOnce(queue);
    expect(queue.firstCall.args[0]).to.throw('lost');
  });
});

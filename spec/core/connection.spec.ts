import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { Bell } from '../support/bell.ts';

const queued = ConnectionType.QueuedConnection;
const singleShot = ConnectionType.SingleShotConnection;

describe('Connection', () => {
  let bell: Bell;
  let slot: sinon.SinonSpy;

  beforeEach(() => {
    bell = new Bell();
    slot = sinon.spy();
  });

  afterEach(() => {
    sinon.restore();
  });

  describe('disconnect()', () => {
    it('ends the connection, once', () => {
      const connection = bell.rung.connect(slot);
      expect(connection.isConnected()).to.equal(true);

      expect(connection.disconnect()).to.equal(true);
      bell.ring();

      sinon.assert.notCalled(slot);
      expect(connection.isConnected()).to.equal(false);
      expect(connection.disconnect()).to.equal(false);
    });

    it('keeps a slot from being called by the emission in progress', () => {
      bell.on('rung', () => connection.disconnect());
      const connection = bell.rung.connect(slot);

      bell.ring();

      sinon.assert.notCalled(slot);
    });

    it('keeps a relay from being reached by the emission in progress', () => {
      const other = new Bell();
      other.on('rung', slot);
      bell.on('rung', () => connection.disconnect());
      const connection = bell.rung.connect(other.rung);

      bell.ring();

      sinon.assert.notCalled(slot);
    });
  });

  it('made by a slot waits for the next emission', () => {
    bell.once('rung', () => bell.rung.connect(slot));
    bell.on('rung', () => {});

    bell.ring(1);
    sinon.assert.notCalled(slot);
    bell.ring(2);

    sinon.assert.calledOnceWithExactly(slot, 2, 'a');
  });

  for (const [name, type] of Object.entries({
    AutoConnection: ConnectionType.AutoConnection,
    DirectConnection: ConnectionType.DirectConnection,
  })) {
    it(`of type ${name} calls the slot before the emission returns`, () => {
      bell.rung.connect(slot, type);

      bell.ring();

      sinon.assert.calledOnce(slot);
    });
  }

  describe('of type QueuedConnection', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers();
    });

    it('calls the slot on a later turn, with the arguments and the receiver', () => {
      const receiver = {};
      bell.rung.connect(receiver, slot, queued);

      bell.ring(2, 'e');
      sinon.assert.notCalled(slot);
      clock.runAll();

      sinon.assert.calledOnceWithExactly(slot, 2, 'e');
      expect(slot.thisValues).to.deep.equal([receiver]);
    });

    it('keeps the order of emissions and slots', () => {
      const calls: string[] = [];
      bell.rung.connect((times) => calls.push(`first ${times}`), queued);
      bell.rung.connect((times) => calls.push(`second ${times}`), queued);

      bell.ring(1);
      bell.ring(2);
      clock.runAll();

      expect(calls).to.deep.equal(['first 1', 'second 1', 'first 2', 'second 2']);
    });

    it('emits a signal later', () => {
      const other = new Bell();
      other.on('rung', slot);
      bell.rung.connect(other.rung, queued);

      bell.ring();
      sinon.assert.notCalled(slot);
      clock.runAll();

      sinon.assert.calledOnce(slot);
    });

    const listener = new Bell();
    const ends = [
      { when: 'it is disconnected', end: () => bell.rung.disconnect(), calls: 0 },
      { when: 'its receiver is destroyed', end: () => listener[Symbol.dispose](), calls: 0 },
      // As in Qt, where what was posted belongs to the receiver.
      { when: 'the sender is destroyed', end: () => bell[Symbol.dispose](), calls: 1 },
    ];
    for (const { when, end, calls } of ends) {
      it(`calls the slot ${calls} times when ${when} before its turn`, () => {
        bell.rung.connect(when.includes('receiver') ? listener : {}, slot, queued);

        bell.ring();
        end();
        clock.runAll();

        sinon.assert.callCount(slot, calls);
      });
    }

    it('does not call a function without receiver when the sender is destroyed', () => {
      bell.rung.connect(slot, queued);

      bell.ring();
      bell[Symbol.dispose]();
      clock.runAll();

      sinon.assert.notCalled(slot);
    });

    it('delivers destroyed', () => {
      bell.destroyed.connect({}, slot, queued);

      bell.deleteLater();
      clock.runAll();

      sinon.assert.calledOnceWithExactly(slot, bell);
    });
  });

  describe('of type SingleShotConnection', () => {
    it('ends before the slot is called', () => {
      const seen: unknown[] = [];
      const connection = bell.rung.connect(() => {
        seen.push(connection.isConnected(), bell.listenerCount('rung'));
        bell.ring();
      }, singleShot);

      bell.ring();

      expect(seen).to.deep.equal([false, 0]);
    });

    it('ends also when the slot throws', () => {
      bell.rung.connect(() => {
        throw new Error('slot');
      }, singleShot);

      expect(() => bell.ring()).to.throw('slot');

      expect(bell.ring()).to.equal(false);
    });

    it('together with QueuedConnection calls the slot once, later', () => {
      const clock = sinon.useFakeTimers();
      const connection = bell.rung.connect(slot, queued | singleShot);

      bell.ring(1);
      bell.ring(2);
      expect(connection.isConnected()).to.equal(false);
      sinon.assert.notCalled(slot);
      clock.runAll();

      sinon.assert.calledOnceWithExactly(slot, 1, 'a');
    });

    it('together with QueuedConnection is dropped by disconnect()', () => {
      const clock = sinon.useFakeTimers();
      const connection = bell.rung.connect(slot, queued | singleShot);

      bell.ring();
      expect(connection.disconnect()).to.equal(false);
      clock.runAll();

      sinon.assert.notCalled(slot);
    });

    it('together with QueuedConnection is dropped when the receiver is destroyed', () => {
      const clock = sinon.useFakeTimers();
      const receiver = new Bell();
      bell.rung.connect(receiver, slot, queued | singleShot);

      bell.ring();
      receiver[Symbol.dispose]();
      clock.runAll();

      sinon.assert.notCalled(slot);
    });

    it('together with UniqueConnection can be made again after its emission', () => {
      const type = singleShot | ConnectionType.UniqueConnection;
      bell.rung.connect(slot, type);
      expect(bell.rung.connect(slot, type).isConnected()).to.equal(false);

      bell.ring();

      expect(bell.rung.connect(slot, type).isConnected()).to.equal(true);
      sinon.assert.calledOnce(slot);
    });
  });
});

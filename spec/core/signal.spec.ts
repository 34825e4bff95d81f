import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import type { Slot } from '../../lib/core/signal.ts';
import { Bell, type BellSignals } from '../support/bell.ts';

type RungSlot = Slot<BellSignals['rung']>;

describe('Signal', () => {
  let bell: Bell;

  beforeEach(() => {
    bell = new Bell();
  });

  it('knows its sender and its name', () => {
    expect(bell.rung.sender).to.equal(bell);
    expect(bell.rung.name).to.equal('rung');
  });

  describe('connect()', () => {
    it('calls the slot on every emission', () => {
      const slot = sinon.spy();
      bell.rung.connect(slot);

      bell.ring(3, 'c');

      sinon.assert.calledOnceWithExactly(slot, 3, 'c');
    });

    it('calls a function without receiver on the sender', () => {
      const slot = sinon.spy();
      bell.rung.connect(slot);

      bell.ring();

      expect(slot.thisValues).to.deep.equal([bell]);
    });

    it('calls a method on its receiver', () => {
      const listener = {
        heard: 0,
        hear(times: number) {
          this.heard += times;
        },
      };
      bell.rung.connect(listener, listener.hear);

      bell.ring(3);

      expect(listener.heard).to.equal(3);
    });

    it('takes a function for a receiver', () => {
      const receiver = () => {};
      const slot = sinon.spy();
      bell.rung.connect(receiver, slot);

      bell.ring();

      expect(slot.thisValues).to.deep.equal([receiver]);
    });

    it('calls the slots in the order of their connections', () => {
      const calls: string[] = [];
      bell.rung.connect(() => calls.push('first'));
      bell.on('rung', () => calls.push('second'));
      bell.rung.connect({}, () => calls.push('third'));

      bell.ring();

      expect(calls).to.deep.equal(['first', 'second', 'third']);
    });

    it('calls a slot as often as it is connected', () => {
      const slot = sinon.spy();
      bell.rung.connect(slot);
      bell.rung.connect(slot);

      bell.ring();

      sinon.assert.calledTwice(slot);
    });

    it('emits another signal with the same arguments', () => {
      const other = new Bell();
      const slot = sinon.spy();
      other.on('rung', slot);
      bell.rung.connect(other.rung);

      bell.ring(2, 'd');

      sinon.assert.calledOnceWithExactly(slot, 2, 'd');
    });

    it('refuses what is no function', () => {
      const slot = undefined as unknown as RungSlot;

      expect(() => bell.rung.connect(slot)).to.throw(TypeError, 'A slot must be a function.');
      expect(() => bell.rung.connect({}, slot)).to.throw(TypeError, 'A slot must be a function.');
      expect(bell.listenerCount('rung')).to.equal(0);
    });

    for (const type of [3, 4, 0x200, -1]) {
      it(`refuses the connection type ${type}`, () => {
        expect(() => bell.rung.connect(() => {}, type)).to.throw(
          TypeError,
          `There is no connection type ${type}.`,
        );
      });
    }

    describe('with UniqueConnection', () => {
      const unique = ConnectionType.UniqueConnection;

      it('connects a slot of a receiver to a signal once', () => {
        const receiver = {};
        const slot = sinon.spy();
        const first = bell.rung.connect(receiver, slot, unique);
        const second = bell.rung.connect(receiver, slot, unique);

        bell.ring();

        sinon.assert.calledOnce(slot);
        expect([first.isConnected(), second.isConnected()]).to.deep.equal([true, false]);
      });

      it('counts connections that were not asked to be unique', () => {
        const slot = sinon.spy();
        bell.on('rung', slot);

        expect(bell.rung.connect(slot, unique).isConnected()).to.equal(false);
      });

      it('connects a signal to a signal once', () => {
        const other = new Bell();
        bell.rung.connect(other.rung, unique);

        expect(bell.rung.connect(other.rung, unique).isConnected()).to.equal(false);
        expect(bell.rung.connect(other.broken, unique).isConnected()).to.equal(true);
      });

      it('connects again after a disconnection', () => {
        const slot = sinon.spy();
        bell.rung.connect(slot, unique).disconnect();

        expect(bell.rung.connect(slot, unique).isConnected()).to.equal(true);
      });

      const near = {};
      const shared = () => {};
      const others = [
        { what: 'receiver', connect: () => bell.rung.connect({}, shared, unique) },
        { what: 'slot', connect: () => bell.rung.connect(near, () => {}, unique) },
        { what: 'signal', connect: () => bell.broken.connect(near, shared, unique) },
        { what: 'sender', connect: () => new Bell().rung.connect(near, shared, unique) },
      ];
      for (const { what, connect } of others) {
        it(`connects another ${what}`, () => {
          bell.rung.connect(near, shared, unique);

          expect(connect().isConnected()).to.equal(true);
        });
      }
    });

    it('is checked by the compiler', () => {
      const check = (): void => {
        bell.rung.connect((times) => times.toFixed());
        bell.rung.connect(new Bell().rung);
        bell.rung.connect(new Bell().broken);
        // @ts-expect-error The bell counts its rings.
        bell.rung.connect((times: string) => times);
        // @ts-expect-error There are only two arguments.
        bell.rung.connect((times: number, note: string, who: string) => who);
        // @ts-expect-error The receiver is another one.
        bell.rung.connect({}, function slot(this: Bell) {});
        // @ts-expect-error What broke does not say how often.
        bell.broken.connect(bell.rung);
        // @ts-expect-error A name is no receiver.
        bell.rung.connect('receiver', () => {});
      };
      expect(check).to.be.a('function');
    });
  });

  describe('disconnect()', () => {
    const near = {};
    const far = new Bell();
    const first = (): void => {};
    const second = (): void => {};

    /** The slots that stay of near/first, far/first, near/second, a relay to far, and first. */
    const forms = [
      { form: '()', cut: () => bell.rung.disconnect(), stay: [] },
      { form: '(slot)', cut: () => bell.rung.disconnect(first), stay: ['near/second', 'relay'] },
      {
        form: '(receiver)',
        cut: () => bell.rung.disconnect(near),
        stay: ['far/first', 'relay', 'first'],
      },
      {
        form: '(receiver, slot)',
        cut: () => bell.rung.disconnect(near, first),
        stay: ['far/first', 'near/second', 'relay', 'first'],
      },
      {
        form: '(signal)',
        cut: () => bell.rung.disconnect(far.rung),
        stay: ['near/first', 'far/first', 'near/second', 'first'],
      },
      {
        form: '(a receiver that is a QObject)',
        cut: () => bell.rung.disconnect(far),
        stay: ['near/first', 'near/second', 'first'],
      },
      {
        form: '(the sender)',
        cut: () => bell.rung.disconnect(bell),
        stay: ['near/first', 'far/first', 'near/second', 'relay'],
      },
    ];
    for (const { form, cut, stay } of forms) {
      it(`in the form ${form} ends the connections that it names`, () => {
        const connections = {
          'near/first': bell.rung.connect(near, first),
          'far/first': bell.rung.connect(far, first),
          'near/second': bell.rung.connect(near, second),
          relay: bell.rung.connect(far.rung),
          first: bell.rung.connect(first),
        };

        expect(cut()).to.equal(true);

        const staying = Object.entries(connections).filter(([, one]) => one.isConnected());
        expect(staying.map(([name]) => name)).to.deep.equal(stay);
        expect(bell.listenerCount('rung')).to.equal(stay.length);
        expect(cut()).to.equal(false);
      });
    }

    it('in the form (connection) ends this one only', () => {
      const one = bell.rung.connect(first);
      const two = bell.rung.connect(first);

      expect(bell.rung.disconnect(one)).to.equal(true);

      expect([one.isConnected(), two.isConnected()]).to.deep.equal([false, true]);
      expect(bell.rung.disconnect(one)).to.equal(false);
    });

    it('does not end a connection of another signal or object', () => {
      const ofSignal = bell.broken.connect(first);
      const ofObject = new Bell().rung.connect(first);

      expect(bell.rung.disconnect(ofSignal)).to.equal(false);
      expect(bell.rung.disconnect(ofObject)).to.equal(false);

      expect([ofSignal.isConnected(), ofObject.isConnected()]).to.deep.equal([true, true]);
    });

    it('takes a receiver that is a function', () => {
      const receiver = () => {};
      const connection = bell.rung.connect(receiver, first);

      expect(bell.rung.disconnect(receiver)).to.equal(true);

      expect(connection.isConnected()).to.equal(false);
    });

    it('leaves the other signals', () => {
      const connection = bell.broken.connect(first);

      expect(bell.rung.disconnect()).to.equal(false);

      expect(connection.isConnected()).to.equal(true);
    });
  });
});

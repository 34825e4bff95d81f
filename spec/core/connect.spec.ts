import { expect } from 'chai';
import sinon from 'sinon';
import { connect, disconnect } from '../../lib/core/connect.ts';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { QObject } from '../../lib/core/qobject.ts';
import { Bell } from '../support/bell.ts';

class Listener extends QObject {
  readonly heard: unknown[] = [];

  constructor(bell: Bell) {
    super();
    connect(bell, 'rung', this, 'hear');
    connect(bell.broken, this, this.mourn);
  }

  hear(...args: unknown[]): void {
    this.heard.push(args);
  }

  mourn(): void {
    this.heard.push('broken');
  }
}

describe('connect()', () => {
  let bell: Bell;

  beforeEach(() => {
    bell = new Bell();
  });

  const other = new Bell();
  const receiver = { slot: sinon.spy() };
  const { slot } = receiver;
  const forms = [
    { form: "(sender, 'signal', slot)", make: () => connect(bell, 'rung', slot), on: 'sender' },
    {
      form: "(sender, 'signal', receiver, slot)",
      make: () => connect(bell, 'rung', receiver, slot),
      on: 'receiver',
    },
    {
      form: "(sender, 'signal', receiver, 'method')",
      make: () => connect(bell, 'rung', receiver, 'slot'),
      on: 'receiver',
    },
    {
      form: "(sender, 'signal', signal)",
      make: () => connect(bell, 'rung', other.rung),
      on: 'other',
    },
    { form: '(signal, slot)', make: () => connect(bell.rung, slot), on: 'sender' },
    {
      form: '(signal, receiver, slot)',
      make: () => connect(bell.rung, receiver, slot),
      on: 'receiver',
    },
    {
      form: "(signal, receiver, 'method')",
      make: () => connect(bell.rung, receiver, 'slot'),
      on: 'receiver',
    },
    { form: '(signal, signal)', make: () => connect(bell.rung, other.rung), on: 'other' },
  ];
  for (const { form, make, on } of forms) {
    it(`connects in the form ${form}`, () => {
      slot.resetHistory();
      other.disconnect();
      other.on('rung', slot);
      const connection = make();

      bell.ring(4, 'f');

      sinon.assert.calledOnceWithExactly(slot, 4, 'f');
      expect(slot.thisValues).to.deep.equal([{ sender: bell, receiver, other }[on]]);
      expect(connection.isConnected()).to.equal(true);
    });
  }

  const unique = ConnectionType.UniqueConnection;
  const typed = [
    { form: "(sender, 'signal', slot, type)", make: () => connect(bell, 'rung', slot, unique) },
    {
      form: "(sender, 'signal', receiver, slot, type)",
      make: () => connect(bell, 'rung', receiver, slot, unique),
    },
    {
      form: "(sender, 'signal', receiver, 'method', type)",
      make: () => connect(bell, 'rung', receiver, 'slot', unique),
    },
    {
      form: "(sender, 'signal', signal, type)",
      make: () => connect(bell, 'rung', other.rung, unique),
    },
    { form: '(signal, slot, type)', make: () => connect(bell.rung, slot, unique) },
    {
      form: '(signal, receiver, slot, type)',
      make: () => connect(bell.rung, receiver, slot, unique),
    },
    {
      form: "(signal, receiver, 'method', type)",
      make: () => connect(bell.rung, receiver, 'slot', unique),
    },
    { form: '(signal, signal, type)', make: () => connect(bell.rung, other.rung, unique) },
  ];
  for (const { form, make } of typed) {
    it(`obeys the type in the form ${form}`, () => {
      expect([make().isConnected(), make().isConnected()]).to.deep.equal([true, false]);
    });
  }

  it('connects methods in a constructor', () => {
    const listener = new Listener(bell);

    bell.ring(1, 'g');
    bell.emit('broken');

    expect(listener.heard).to.deep.equal([[1, 'g'], 'broken']);
  });

  it('ends with its context object', () => {
    const context = new Bell();
    const lambda = sinon.spy();
    connect(bell, 'rung', context, () => lambda());

    context[Symbol.dispose]();
    bell.ring();

    sinon.assert.notCalled(lambda);
    expect(bell.listenerCount('rung')).to.equal(0);
  });

  it('refuses a method that is not there', () => {
    const nobody = {} as { slot(): void };

    expect(() => connect(bell, 'rung', nobody, 'slot')).to.throw(
      TypeError,
      'The receiver has no method slot.',
    );
  });

  it('is checked by the compiler', () => {
    const check = (): void => {
      connect(bell, 'rung', (times, note) => note.repeat(times));
      connect(bell, 'destroyed', (object) => object.children());
      connect(bell.rung, (times, note) => note.repeat(times));
      // @ts-expect-error There is no such signal.
      connect(bell, 'rang', () => {});
      // @ts-expect-error The bell counts its rings.
      connect(bell, 'rung', (times: string) => times);
      // @ts-expect-error The bell counts its rings.
      connect(bell, 'rung', {}, (times: string) => times);
      // @ts-expect-error The receiver has no such method.
      connect(bell, 'rung', receiver, 'slit');
      // @ts-expect-error The method counts in another way.
      connect(bell, 'rung', { slot(_times: string): void {} }, 'slot');
      // @ts-expect-error What broke does not say how often.
      connect(bell, 'broken', other.rung);
      // @ts-expect-error A plain object has no signals.
      connect({}, 'rung', () => {});
      // @ts-expect-error The receiver has no such method.
      connect(bell.rung, receiver, 'slit');
    };
    expect(check).to.be.a('function');
  });
});

describe('disconnect()', () => {
  const near = { slot: (): void => {}, other: (): void => {} };
  const far = new Bell();
  let bell: Bell;

  beforeEach(() => {
    bell = new Bell();
  });

  /** What each form leaves of four connections; the rest of the table is in signal.spec.ts. */
  const forms = [
    { form: '(sender)', cut: () => disconnect(bell), stay: [] },
    { form: "(sender, 'signal')", cut: () => disconnect(bell, 'rung'), stay: ['broken/near'] },
    { form: '(sender, null)', cut: () => disconnect(bell, null), stay: [] },
    {
      form: "(sender, 'signal', receiver)",
      cut: () => disconnect(bell, 'rung', near),
      stay: ['rung/far', 'broken/near'],
    },
    {
      form: "(sender, 'signal', receiver, slot)",
      cut: () => disconnect(bell, 'rung', near, near.slot),
      stay: ['rung/other', 'rung/far', 'broken/near'],
    },
    {
      form: "(sender, 'signal', receiver, 'method')",
      cut: () => disconnect(bell, 'rung', near, 'slot'),
      stay: ['rung/other', 'rung/far', 'broken/near'],
    },
    {
      form: "(sender, 'signal', null, slot)",
      cut: () => disconnect(bell, 'rung', null, near.slot),
      stay: ['rung/other', 'broken/near'],
    },
    {
      form: '(sender, null, receiver)',
      cut: () => disconnect(bell, null, near),
      stay: ['rung/far'],
    },
    {
      form: '(sender, null, receiver, slot)',
      cut: () => disconnect(bell, null, near, near.slot),
      stay: ['rung/other', 'rung/far'],
    },
    {
      form: '(sender, null, null, slot)',
      cut: () => disconnect(bell, null, null, near.slot),
      stay: ['rung/other'],
    },
    { form: '(signal)', cut: () => disconnect(bell.rung), stay: ['broken/near'] },
    {
      form: '(signal, receiver)',
      cut: () => disconnect(bell.rung, near),
      stay: ['rung/far', 'broken/near'],
    },
    {
      form: '(signal, receiver, slot)',
      cut: () => disconnect(bell.rung, near, near.other),
      stay: ['rung/near', 'rung/far', 'broken/near'],
    },
    {
      form: "(signal, receiver, 'method')",
      cut: () => disconnect(bell.rung, near, 'other'),
      stay: ['rung/near', 'rung/far', 'broken/near'],
    },
    {
      form: '(signal, null, slot)',
      cut: () => disconnect(bell.rung, null, near.slot),
      stay: ['rung/other', 'broken/near'],
    },
  ];
  for (const { form, cut, stay } of forms) {
    it(`in the form ${form} ends the connections that it names`, () => {
      const connections = {
        'rung/near': bell.rung.connect(near, near.slot),
        'rung/other': bell.rung.connect(near, near.other),
        'rung/far': bell.rung.connect(far, near.slot),
        'broken/near': bell.broken.connect(near, near.slot),
      };

      expect(cut()).to.equal(true);

      const staying = Object.entries(connections).filter(([, one]) => one.isConnected());
      expect(staying.map(([name]) => name)).to.deep.equal(stay);
      expect(cut()).to.equal(false);
    });
  }

  it('in the form (connection) ends this one only', () => {
    const one = bell.rung.connect(near.slot);
    const two = bell.rung.connect(near.slot);

    expect(disconnect(one)).to.equal(true);

    expect([one.isConnected(), two.isConnected()]).to.deep.equal([false, true]);
    expect(disconnect(one)).to.equal(false);
  });

  it('refuses a method that is not there, and ends nothing', () => {
    const connection = bell.rung.connect(near, near.slot);

    expect(() => disconnect(bell, 'rung', near, 'slit')).to.throw(TypeError);

    expect(connection.isConnected()).to.equal(true);
  });
});

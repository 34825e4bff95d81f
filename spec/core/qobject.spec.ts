import { expect } from 'chai';
import { EventEmitter } from 'eventemitter3';
import sinon from 'sinon';
import type { AnyQObject } from '../../lib/core/any-qobject.ts';
import { QObject } from '../../lib/core/qobject.ts';
import { Bell } from '../support/bell.ts';

/** Writes down what happens to it. */
class Witness extends QObject {
  readonly log: string[];

  constructor(log: string[], name: string, parent: AnyQObject | null = null) {
    super(parent);
    this.log = log;
    this.setObjectName(name);
    this.on('destroyed', () => log.push(`${name} destroyed`));
  }

  protected override destroy(): void {
    this.log.push(`${this.objectName()} releases`);
  }
}

describe('QObject', () => {
  let bell: Bell;
  let slot: sinon.SinonSpy;

  beforeEach(() => {
    bell = new Bell();
    slot = sinon.spy();
  });

  afterEach(() => {
    sinon.restore();
  });

  it('is an EventEmitter', () => {
    expect(bell).to.be.instanceOf(EventEmitter);
  });

  describe('on()', () => {
    it('shares its slots with the handles', () => {
      bell.on('rung', slot);
      expect(bell.rung.disconnect(slot)).to.equal(true);

      bell.ring();

      sinon.assert.notCalled(slot);
    });

    it('calls the slot on its context, or on the object', () => {
      const context = {};
      expect(bell.on('rung', slot, context).addListener('rung', slot)).to.equal(bell);

      bell.ring();

      expect(slot.thisValues).to.deep.equal([context, bell]);
    });

    it('refuses what is no function', () => {
      expect(() => bell.on('rung', undefined as unknown as () => void)).to.throw(TypeError);
    });
  });

  describe('once()', () => {
    it('calls the slot on one emission', () => {
      const context = {};
      expect(bell.once('rung', slot, context)).to.equal(bell);

      bell.ring(1);
      bell.ring(2);

      sinon.assert.calledOnceWithExactly(slot, 1, 'a');
      expect(slot.thisValues).to.deep.equal([context]);
    });
  });

  for (const method of ['off', 'removeListener'] as const) {
    describe(`${method}()`, () => {
      const near = {};

      const forms = [
        { form: '(name)', cut: () => bell[method]('rung'), stay: 0 },
        { form: '(name, slot)', cut: () => bell[method]('rung', slot), stay: 1 },
        { form: '(name, slot, context)', cut: () => bell[method]('rung', slot, near), stay: 3 },
        {
          form: '(name, slot, undefined, once)',
          cut: () => bell[method]('rung', slot, undefined, true),
          stay: 3,
        },
      ];
      for (const { form, cut, stay } of forms) {
        it(`in the form ${form} leaves ${stay} of 4 slots, however connected`, () => {
          bell.rung.connect(slot);
          bell.rung.connect(near, slot);
          bell.once('rung', slot);
          bell.on('rung', () => {});

          expect(cut()).to.equal(bell);

          expect(bell.listenerCount('rung')).to.equal(stay);
        });
      }

      it('does not mind when there is nothing', () => {
        expect(bell[method]('rung', slot)).to.equal(bell);
      });
    });
  }

  describe('removeAllListeners()', () => {
    it('ends all connections of one signal', () => {
      const [gone, kept] = [bell.rung.connect(slot), bell.broken.connect(slot)];

      expect(bell.removeAllListeners('rung')).to.equal(bell);

      expect([gone.isConnected(), kept.isConnected()]).to.deep.equal([false, true]);
    });

    it('ends all connections', () => {
      const connections = [bell.rung.connect(slot), bell.broken.connect(slot)];

      bell.removeAllListeners();

      expect(connections.map((one) => one.isConnected())).to.deep.equal([false, false]);
      expect(bell.eventNames()).to.deep.equal([]);
    });
  });

  describe('listeners()', () => {
    it('lists the slots of a signal in their order', () => {
      const other = (): void => {};
      bell.on('rung', other);
      bell.rung.connect({}, slot);
      bell.on('broken', () => {});

      expect(bell.listeners('rung')).to.deep.equal([other, slot]);
    });

    it('leaves out signals', () => {
      bell.rung.connect(new Bell().rung);

      expect(bell.listeners('rung')).to.deep.equal([]);
      expect(bell.listenerCount('rung')).to.equal(1);
    });
  });

  describe('emit()', () => {
    it('tells whether there was a slot', () => {
      expect(bell.ring()).to.equal(false);
      bell.on('rung', slot);
      expect(bell.ring()).to.equal(true);
    });

    it('does not throw for an error that nobody listens to', () => {
      expect(bell.emit('error', 'cracked')).to.equal(false);
    });

    it('throws what a slot throws, and works the next time', () => {
      bell.once('rung', () => {
        throw new Error('slot');
      });
      bell.on('rung', slot);

      expect(() => bell.ring(1)).to.throw('slot');
      sinon.assert.notCalled(slot);
      bell.ring(2);

      sinon.assert.calledOnceWithExactly(slot, 2, 'a');
    });
  });

  describe('announce()', () => {
    let microtasks: sinon.SinonStub;

    beforeEach(() => {
      microtasks = sinon.stub(globalThis, 'queueMicrotask');
    });

    it('emits', () => {
      bell.on('rung', slot);

      expect(bell.toll(2, 'h')).to.equal(true);

      sinon.assert.calledOnceWithExactly(slot, 2, 'h');
      sinon.assert.notCalled(microtasks);
      expect(new Bell().toll()).to.equal(false);
    });

    const fail = (): void => {
      throw new Error('slot');
    };
    const ways = [
      { way: 'on()', connect: () => bell.on('rung', fail) },
      { way: 'once()', connect: () => bell.once('rung', fail) },
      { way: 'connect()', connect: () => bell.rung.connect({}, fail) },
      {
        way: 'a connected signal',
        connect: () => {
          const other = new Bell();
          other.on('rung', fail);
          bell.rung.connect(other.rung);
        },
      },
    ];
    for (const { way, connect } of ways) {
      it(`reports what a slot throws that came by ${way}, and calls the others`, () => {
        connect();
        bell.on('rung', slot);

        expect(bell.toll()).to.equal(true);

        sinon.assert.calledOnce(slot);
        sinon.assert.calledOnce(microtasks);
        expect(microtasks.firstCall.args[0]).to.throw('slot');
      });
    }

    it('calls the other slots of a connected signal, too', () => {
      const other = new Bell();
      other.on('rung', fail);
      other.on('rung', slot);
      bell.rung.connect(other.rung);

      bell.toll();

      sinon.assert.calledOnce(slot);
    });

    it('lets emit() throw within its slots', () => {
      const other = new Bell();
      other.on('rung', fail);
      bell.on('rung', () => expect(() => other.ring()).to.throw('slot'));

      bell.toll();

      sinon.assert.notCalled(microtasks);
    });
  });

  describe('blockSignals()', () => {
    it('makes emissions void until it is told otherwise', () => {
      bell.on('rung', slot);
      expect(bell.blockSignals(true)).to.equal(false);
      expect(bell.signalsBlocked()).to.equal(true);

      expect([bell.ring(), bell.toll()]).to.deep.equal([false, false]);
      sinon.assert.notCalled(slot);

      expect(bell.blockSignals(false)).to.equal(true);
      expect(bell.ring()).to.equal(true);
    });
  });

  describe('disconnect()', () => {
    const near = {};
    const far = {};
    const first = (): void => {};
    const second = (): void => {};

    const forms = [
      { form: '()', cut: () => bell.disconnect(), stay: [] },
      { form: "('signal')", cut: () => bell.disconnect('rung'), stay: ['broken/near'] },
      {
        form: "('signal', receiver)",
        cut: () => bell.disconnect('rung', near),
        stay: ['rung/far', 'broken/near'],
      },
      {
        form: "('signal', receiver, slot)",
        cut: () => bell.disconnect('rung', near, first),
        stay: ['rung/second', 'rung/far', 'broken/near'],
      },
      {
        form: "('signal', null, slot)",
        cut: () => bell.disconnect('rung', null, first),
        stay: ['rung/second', 'broken/near'],
      },
      { form: '(null, receiver)', cut: () => bell.disconnect(null, near), stay: ['rung/far'] },
      {
        form: '(null, null, slot)',
        cut: () => bell.disconnect(null, null, second),
        stay: ['rung/near', 'rung/far', 'broken/near'],
      },
      { form: '(receiver)', cut: () => bell.disconnect(near), stay: ['rung/far'] },
      {
        form: '(receiver, slot)',
        cut: () => bell.disconnect(near, first),
        stay: ['rung/second', 'rung/far'],
      },
    ];
    for (const { form, cut, stay } of forms) {
      it(`in the form ${form} ends the connections that it names`, () => {
        const connections = {
          'rung/near': bell.rung.connect(near, first),
          'rung/second': bell.rung.connect(near, second),
          'rung/far': bell.rung.connect(far, first),
          'broken/near': bell.broken.connect(near, first),
        };

        expect(cut()).to.equal(true);

        const staying = Object.entries(connections).filter(([, one]) => one.isConnected());
        expect(staying.map(([name]) => name)).to.deep.equal(stay);
        expect(cut()).to.equal(false);
      });
    }

    it('leaves the connections in which the object receives', () => {
      const connection = new Bell().rung.connect(bell, first);

      expect(bell.disconnect()).to.equal(false);

      expect(connection.isConnected()).to.equal(true);
    });
  });

  describe('setObjectName()', () => {
    it('emits objectNameChanged when the name is another', () => {
      expect(bell.objectName()).to.equal('');
      bell.objectNameChanged.connect(slot);

      bell.setObjectName('Big Ben');
      bell.setObjectName('Big Ben');

      expect(bell.objectName()).to.equal('Big Ben');
      sinon.assert.calledOnceWithExactly(slot, 'Big Ben');
    });
  });

  describe('setParent()', () => {
    it('makes the object a child', () => {
      const parent = new Bell();
      const child = new Witness([], 'child', parent);
      bell.setParent(parent);

      expect(bell.parent()).to.equal(parent);
      expect(parent.children()).to.deep.equal([child, bell]);
    });

    it('moves it from one parent to another, and sets it free', () => {
      const [one, two] = [new Bell(), new Bell()];
      bell.setParent(one);
      bell.setParent(two);
      expect([one.children(), two.children()]).to.deep.equal([[], [bell]]);

      bell.setParent(null);

      expect(two.children()).to.deep.equal([]);
      expect(bell.parent()).to.equal(null);
    });

    it('refuses the object itself and its descendants', () => {
      const child = new Witness([], 'child', bell);
      const grandchild = new Witness([], 'grandchild', child);

      for (const parent of [bell, child, grandchild]) {
        expect(() => bell.setParent(parent)).to.throw(
          TypeError,
          'An object cannot descend from itself.',
        );
      }
      expect(bell.parent()).to.equal(null);
    });

    it('refuses objects that have been destroyed', () => {
      const gone = new Bell();
      gone[Symbol.dispose]();
      const message = 'A destroyed object has neither parent nor children.';

      expect(() => bell.setParent(gone)).to.throw(TypeError, message);
      expect(() => gone.setParent(bell)).to.throw(TypeError, message);
    });

    it('hands out a list of children that is not its own', () => {
      bell.children().push(new Bell());

      expect(bell.children()).to.deep.equal([]);
    });
  });

  describe('deleteLater()', () => {
    it('destroys the object on a later turn, once', () => {
      const clock = sinon.useFakeTimers();
      bell.destroyed.connect(slot);

      bell.deleteLater();
      bell.deleteLater();
      sinon.assert.notCalled(slot);
      clock.runAll();
      bell.deleteLater();
      clock.runAll();

      sinon.assert.calledOnceWithExactly(slot, bell);
    });

    it('comes to nothing when the object is destroyed before', () => {
      const clock = sinon.useFakeTimers();
      bell.destroyed.connect(slot);

      bell.deleteLater();
      bell[Symbol.dispose]();
      clock.runAll();

      sinon.assert.calledOnce(slot);
    });
  });

  describe('[Symbol.dispose]()', () => {
    it('releases, emits destroyed, then destroys the children', () => {
      const log: string[] = [];
      const parent = new Witness(log, 'parent');
      const children = ['first', 'second'].map((name) => new Witness(log, name, parent));
      expect(parent.children()).to.deep.equal(children);

      parent[Symbol.dispose]();

      expect(log).to.deep.equal([
        'parent releases',
        'parent destroyed',
        'first releases',
        'first destroyed',
        'second releases',
        'second destroyed',
      ]);
      expect(parent.children()).to.deep.equal([]);
    });

    it('does it once', () => {
      const log: string[] = [];
      const witness = new Witness(log, 'witness');
      witness.on('destroyed', () => witness[Symbol.dispose]());

      witness[Symbol.dispose]();
      witness[Symbol.dispose]();

      expect(log).to.deep.equal(['witness releases', 'witness destroyed']);
    });

    it('leaves the parent', () => {
      const child = new Witness([], 'child', bell);

      child[Symbol.dispose]();

      expect(bell.children()).to.deep.equal([]);
      expect(child.parent()).to.equal(null);
    });

    it('spares a child that destroyed sets free', () => {
      const log: string[] = [];
      const child = new Witness(log, 'child', bell);
      bell.on('destroyed', () => child.setParent(null));

      bell[Symbol.dispose]();

      expect(log).to.deep.equal([]);
    });

    it('destroys each child once when one of them destroys another', () => {
      const log: string[] = [];
      const first = new Witness(log, 'first', bell);
      const second = new Witness(log, 'second', bell);
      first.on('destroyed', () => second[Symbol.dispose]());

      bell[Symbol.dispose]();

      expect(log.filter((line) => line === 'second destroyed')).to.have.lengthOf(1);
    });

    it('is the last that is heard, whatever a slot of destroyed does', () => {
      bell.rung.connect(slot);
      bell.on('destroyed', () => bell.toll());
      bell[Symbol.dispose]();

      sinon.assert.notCalled(slot);
    });

    it('emits destroyed even while signals are blocked', () => {
      bell.on('destroyed', slot);
      bell.blockSignals(true);

      bell[Symbol.dispose]();

      sinon.assert.calledOnceWithExactly(slot, bell);
    });

    it('goes through with it when slots and hooks throw, and reports them', () => {
      const microtasks = sinon.stub(globalThis, 'queueMicrotask');
      class Fragile extends QObject {
        protected override destroy(): void {
          throw new Error('hook');
        }
      }
      const fragile = new Fragile();
      const child = new Witness([], 'child', fragile);
      child.on('destroyed', slot);
      fragile.on('destroyed', () => {
        throw new Error('slot');
      });

      fragile[Symbol.dispose]();

      sinon.assert.calledOnce(slot);
      expect(fragile.listenerCount('destroyed')).to.equal(0);
      const [hook, thrown] = microtasks.args.map(([task]) => task);
      expect(hook).to.throw('hook');
      expect(thrown).to.throw('slot');
    });

    it('is called at the end of a using block', () => {
      bell.on('destroyed', slot);
      {
        using disposable = bell;
        expect(disposable.listenerCount('destroyed')).to.equal(1);
      }

      sinon.assert.calledOnce(slot);
    });
  });

  it('can be made as it is, as a context for slots', () => {
    const context = new QObject();
    const heard = sinon.spy();
    bell.rung.connect(context, heard);

    bell.ring();
    context[Symbol.dispose]();
    bell.ring();

    sinon.assert.calledOnce(heard);
  });

  it('is what an object with signals of its own is, too', () => {
    const objects: QObject[] = [bell, new QObject()];
    const nameOf = (object: QObject | null): string | undefined => object?.objectName();
    bell.setObjectName('bell');
    bell.on('rung', () => {});

    expect(objects.map(nameOf)).to.deep.equal(['bell', '']);
    // The compiler still knows the names of its signals.
    const names: ('rung' | 'destroyed' | 'objectNameChanged')[] = bell.eventNames();
    expect(names).to.deep.equal(['rung']);
  });

  it('is checked by the compiler', () => {
    const check = (): void => {
      bell.on('rung', (times, note) => note.repeat(times));
      bell.on('destroyed', (object) => object.children());
      bell.emit('destroyed', bell);
      // @ts-expect-error There is no such signal.
      bell.on('rang', () => {});
      // @ts-expect-error The bell counts its rings.
      bell.on('rung', (times: string) => times);
      // @ts-expect-error The bell counts its rings.
      bell.off('rung', (times: string) => times);
      // @ts-expect-error It does not say how often.
      bell.emit('rung');
      // @ts-expect-error It does not say which note.
      bell.emit('rung', 1);
      // @ts-expect-error Only the object itself announces.
      bell.announce('rung', 1, 'a');
      // @ts-expect-error There is no such signal.
      bell.disconnect('rang');
      // @ts-expect-error A plain object is no parent.
      bell.setParent({});
    };
    expect(check).to.be.a('function');
  });
});

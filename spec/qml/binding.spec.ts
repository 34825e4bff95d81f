import { expect } from 'chai';
import sinon from 'sinon';
import { Binding, noteRead } from '../../lib/qml/binding.ts';
import { Bell } from '../support/bell.ts';

describe('Binding', () => {
  let bell: Bell;
  let owner: Bell;
  let warn: sinon.SinonStub;
  let values: number[];

  beforeEach(() => {
    bell = new Bell();
    owner = new Bell();
    values = [];
    warn = sinon.stub(console, 'warn');
  });

  afterEach(() => {
    warn.restore();
  });

  it('writes what the expression yields', () => {
    bind(() => 7).update();

    expect(values).to.deep.equal([7]);
  });

  it('is evaluated again when something that it has read changes', () => {
    let times = 0;
    bind(() => {
      noteRead(bell, 'rung');
      return ++times;
    }).update();

    bell.ring();
    bell.ring();

    expect(values).to.deep.equal([1, 2, 3]);
  });

  it('listens once to what it has read twice', () => {
    bind(() => {
      noteRead(bell, 'rung');
      noteRead(bell, 'rung');
      return 1;
    }).update();

    expect(bell.listenerCount('rung')).to.equal(1);
  });

  it('forgets what it does not read any longer', () => {
    let isFirst = true;
    bind(() => {
      noteRead(bell, isFirst ? 'rung' : 'broken');
      isFirst = false;
      return 1;
    }).update();
    bell.ring();
    values.length = 0;

    bell.ring();
    expect(values).to.deep.equal([]);

    bell.emit('broken');
    expect(values).to.deep.equal([1]);
  });

  it('does not take part in what is read while it writes', () => {
    const binding = new Binding(
      owner,
      'tone',
      () => 1,
      (value) => {
        noteRead(bell, 'rung');
        values.push(value);
      },
    );
    binding.update();

    bell.ring();

    expect(values).to.deep.equal([1]);
  });

  it('keeps apart what bindings within bindings read', () => {
    bind(() => {
      bind(() => {
        noteRead(bell, 'rung');
        return 2;
      }).update();
      noteRead(bell, 'broken');
      return 1;
    }).update();
    values.length = 0;

    bell.ring();
    expect(values).to.deep.equal([2]);

    bell.emit('broken');
    expect(values).to.deep.equal([2, 2, 1]);
  });

  it('stops a loop with a warning', () => {
    const binding: Binding<number> = new Binding(
      owner,
      'tone',
      () => {
        noteRead(bell, 'rung');
        return 1;
      },
      (value) => {
        values.push(value);
        bell.ring();
      },
    );
    binding.update();

    expect(values).to.deep.equal([1]);
    sinon.assert.calledOnceWithExactly(warn, 'Binding loop detected for property "tone".');
  });

  it('ends when it is broken', () => {
    const binding = bind(() => {
      noteRead(bell, 'rung');
      return 1;
    });
    binding.update();

    binding.break();
    bell.ring();

    expect(values).to.deep.equal([1]);
  });

  it('neither writes nor listens when it is broken by its own expression', () => {
    const binding: Binding<number> = bind(() => {
      noteRead(bell, 'rung');
      binding.break();
      return 1;
    });

    binding.update();

    expect(values).to.deep.equal([]);
    expect(bell.listenerCount('rung')).to.equal(0);
  });

  it('ends with its owner', () => {
    bind(() => {
      noteRead(bell, 'rung');
      return 1;
    }).update();

    owner[Symbol.dispose]();
    bell.ring();

    expect(values).to.deep.equal([1]);
  });

  it('survives what it has read', () => {
    bind(() => {
      noteRead(bell, 'rung');
      noteRead(owner, 'rung');
      return 1;
    }).update();

    bell[Symbol.dispose]();
    owner.ring();

    expect(values).to.deep.equal([1, 1]);
  });

  describe('whose expression throws', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers({ toFake: ['queueMicrotask'] });
    });

    afterEach(() => {
      clock.restore();
    });

    it('writes nothing and reports the error', () => {
      bind(() => {
        throw new Error('Out of tune.');
      }).update();

      expect(values).to.deep.equal([]);
      expect(() => clock.runAll()).to.throw('Out of tune.');
    });

    it('is tried again when something that it had read changes', () => {
      let isBroken = true;
      bind(() => {
        noteRead(bell, 'rung');
        if (isBroken) throw new Error('Out of tune.');
        return 1;
      }).update();
      expect(() => clock.runAll()).to.throw('Out of tune.');
      isBroken = false;

      bell.ring();

      expect(values).to.deep.equal([1]);
    });
  });

  function bind(read: () => number): Binding<number> {
    return new Binding(owner, 'tone', read, (value) => values.push(value));
  }
});

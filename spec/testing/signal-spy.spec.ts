import { expect } from 'chai';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import type { Signal } from '../../lib/core/signal.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';

class Bell extends QObject<{ rang: [times: number, where: string] }> {
  get rang(): Signal<[times: number, where: string]> {
    return this.signal('rang');
  }
}

describe('SignalSpy', () => {
  it('keeps what each emission has carried', () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    bell.emit('rang', 1, 'door');
    bell.emit('rang', 2, 'gate');

    expect(spy.count()).to.equal(2);
    expect(spy.size()).to.equal(2);
    expect(spy.isEmpty()).to.equal(false);
    expect([...spy]).to.deep.equal([
      [1, 'door'],
      [2, 'gate'],
    ]);
    expect(spy.at(1)).to.deep.equal([2, 'gate']);
    expect(spy.first()).to.deep.equal([1, 'door']);
    expect(spy.last()).to.deep.equal([2, 'gate']);
  });

  it('names the signal', () => {
    expect(new SignalSpy(new Bell().rang).signal()).to.equal('rang');
  });

  it('says what it takes when it is given something else', () => {
    const make = (...args: unknown[]): unknown => Reflect.construct(SignalSpy, args);
    // As in Qt; and what a slip of the pen reads.
    for (const args of [[new Bell(), 'rang'], [undefined]]) {
      expect(() => make(...args)).to.throw(TypeError, /takes a signal/);
    }
  });

  it('gives the first one away', () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    bell.emit('rang', 1, 'door');
    bell.emit('rang', 2, 'gate');

    expect(spy.takeFirst()).to.deep.equal([1, 'door']);
    expect(spy.count()).to.equal(1);
  });

  it('forgets all of them when it is told to', () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    bell.emit('rang', 1, 'door');
    spy.clear();

    expect(spy.isEmpty()).to.equal(true);
  });

  for (const read of ['first', 'last', 'takeFirst'] as const) {
    it(`says what is missing when ${read}() has nothing`, () => {
      const spy = new SignalSpy(new Bell().rang);

      expect(() => spy[read]()).to.throw(RangeError, /^rang has been kept 0 times/);
    });
  }

  it('waits for an emission', async () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    setImmediate(() => bell.emit('rang', 1, 'door'));

    expect(await spy.wait()).to.equal(true);
    expect(spy.count()).to.equal(1);
  });

  it('waits for the next emission, as Qt does, whatever it keeps already', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const bell = new Bell();
      const spy = new SignalSpy(bell.rang);
      bell.emit('rang', 1, 'door');
      const waiting = spy.wait(1000);
      clock.tick(1000);

      expect(await waiting).to.equal(false);
    } finally {
      clock.restore();
    }
  });

  it('waits five seconds unless it is told otherwise', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const heard = sinon.spy();
      const waiting = new SignalSpy(new Bell().rang).wait().then(heard);
      clock.tick(4999);
      await Promise.resolve();
      expect(heard.called).to.equal(false);
      clock.tick(1);
      await waiting;

      expect(heard.args).to.deep.equal([[false]]);
    } finally {
      clock.restore();
    }
  });

  it('leaves no timer behind when the emission comes', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const bell = new Bell();
      const waiting = new SignalSpy(bell.rang).wait();
      bell.emit('rang', 1, 'door');
      await waiting;

      expect(clock.countTimers()).to.equal(0);
    } finally {
      clock.restore();
    }
  });

  it('waits for a number of emissions, those of before included', async () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    bell.emit('rang', 1, 'door');
    expect(await spy.waitForCount(1)).to.equal(true);
    const waiting = spy.waitForCount(3);
    bell.emit('rang', 2, 'door');
    bell.emit('rang', 3, 'door');

    expect(await waiting).to.equal(true);
  });

  it('waits in several places at once', async () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    const waits = [spy.wait(), spy.waitForCount(1), spy.wait(-1)];
    bell.emit('rang', 1, 'door');

    expect(await Promise.all(waits)).to.deep.equal([true, true, true]);
  });

  it('waits no longer when the object is destroyed, and keeps what it has', async () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    bell.emit('rang', 1, 'door');
    const waiting = spy.wait();
    bell.deleteLater();

    expect(await waiting).to.equal(false);
    expect(spy.count()).to.equal(1);
    expect(spy.isValid()).to.equal(true);
  });

  it('is not valid for an object that has been destroyed', async () => {
    const bell = new Bell();
    const gone = new SignalSpy(bell.destroyed).wait();
    bell.deleteLater();
    await gone;
    const spy = new SignalSpy(bell.rang);

    expect(spy.isValid()).to.equal(false);
    expect(await spy.wait()).to.equal(false);
  });

  it('listens no more when it is stopped', async () => {
    const bell = new Bell();
    const spy = new SignalSpy(bell.rang);
    const waiting = spy.wait();
    spy.stop();
    bell.emit('rang', 1, 'door');

    expect(await waiting).to.equal(false);
    expect(spy.isEmpty()).to.equal(true);
  });
});

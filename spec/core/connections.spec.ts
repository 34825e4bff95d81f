import { expect } from 'chai';
import sinon from 'sinon';
import { ConnectionType } from '../../lib/core/connection-type.ts';
import { QObject } from '../../lib/core/qobject.ts';
import { Bell } from '../support/bell.ts';
import { untilCollected } from '../support/memory.ts';

class Listener extends QObject {
  heard = 0;

  hear(): void {
    this.heard += 1;
  }
}

describe('Connections', () => {
  let bell: Bell;
  let listener: Listener;

  beforeEach(() => {
    bell = new Bell();
    listener = new Listener();
  });

  afterEach(() => {
    sinon.restore();
  });

  it('of a receiver end when it is destroyed', () => {
    const connection = bell.rung.connect(listener, listener.hear);
    bell.on('broken', listener.hear, listener);
    bell.once('broken', listener.hear, listener);

    listener[Symbol.dispose]();
    bell.ring();

    expect(listener.heard).to.equal(0);
    expect(connection.isConnected()).to.equal(false);
    expect(bell.listenerCount('rung')).to.equal(0);
    expect(bell.listenerCount('broken')).to.equal(0);
  });

  it('of a receiver leave nothing behind after deleteLater()', () => {
    const clock = sinon.useFakeTimers();
    bell.rung.connect(listener, () => {});

    listener.deleteLater();
    expect(bell.listenerCount('rung')).to.equal(1);
    clock.runAll();

    expect(bell.listenerCount('rung')).to.equal(0);
    expect(bell.eventNames()).to.deep.equal([]);
  });

  it('of a signal to a signal end with the object that emits the second one', () => {
    const other = new Bell();
    bell.rung.connect(other.rung);

    other[Symbol.dispose]();

    expect(bell.listenerCount('rung')).to.equal(0);
  });

  it('of a sender end when it is destroyed', () => {
    const connection = bell.rung.connect(listener, listener.hear);

    bell[Symbol.dispose]();

    expect(connection.isConnected()).to.equal(false);
    expect(bell.ring()).to.equal(false);
    expect(listener.heard).to.equal(0);
  });

  it('are not called any more by an emission in which the receiver is destroyed', () => {
    bell.on('rung', () => listener[Symbol.dispose]());
    bell.rung.connect(listener, listener.hear);

    bell.ring();

    expect(listener.heard).to.equal(0);
  });

  it('are not called any more by an emission in which the sender is destroyed', () => {
    bell.on('rung', () => bell[Symbol.dispose]());
    bell.rung.connect(listener, listener.hear);

    bell.ring();

    expect(listener.heard).to.equal(0);
  });

  it('end singly while others of the same receiver stay', () => {
    const gone = bell.rung.connect(listener, listener.hear);
    bell.broken.connect(listener, listener.hear);
    gone.disconnect();

    bell.emit('broken');

    expect(listener.heard).to.equal(1);
  });

  it('of an object with itself end once', () => {
    const slot = sinon.spy();
    bell.rung.connect(bell, slot);

    bell[Symbol.dispose]();

    expect(bell.listenerCount('rung')).to.equal(0);
  });

  it('that have ended keep no sender alive', async () => {
    const senders = [() => {}, (sender: Bell) => sender[Symbol.dispose]()].map((end) => {
      const sender = new Bell();
      sender.rung.connect(listener, listener.hear).disconnect();
      sender.rung.connect(listener, listener.hear, ConnectionType.SingleShotConnection);
      sender.ring();
      end(sender);
      return new WeakRef(sender);
    });

    await untilCollected(...senders);
    expect(listener.heard).to.equal(2);
  });

  it('are not made with a receiver that has been destroyed', () => {
    listener[Symbol.dispose]();

    expect(bell.rung.connect(listener, listener.hear).isConnected()).to.equal(false);
    expect(bell.listenerCount('rung')).to.equal(0);
  });

  it('are not made with a sender that has been destroyed', () => {
    bell[Symbol.dispose]();

    expect(bell.rung.connect({}, () => {}).isConnected()).to.equal(false);
    expect(bell.on('rung', () => {}).listenerCount('rung')).to.equal(0);
  });
});

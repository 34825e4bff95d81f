import { expect } from 'chai';
import sinon from 'sinon';
import { DrainWatch } from '../../lib/browser/drain-watch.ts';
import { FakeNativeWebSocket } from '../support/fake-native-websocket.ts';

describe('DrainWatch', () => {
  let clock: sinon.SinonFakeTimers;
  let native: FakeNativeWebSocket;
  let told: number[];
  let watch: DrainWatch;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    native = new FakeNativeWebSocket('ws://localhost/');
    told = [];
    watch = new DrainWatch((count) => told.push(count));
  });

  afterEach(() => {
    clock.restore();
  });

  function send(count: number): void {
    native.bufferedAmount += count;
    watch.sent(native, count);
  }

  it('tells what has been passed on, on a later turn', () => {
    send(5);
    send(6);
    native.bufferedAmount = 0;
    expect(told).to.deep.equal([]);
    clock.runAll();

    expect(told).to.deep.equal([11]);
  });

  it('tells of it piece by piece', () => {
    send(10);
    for (const rest of [7, 7, 1, 0]) {
      native.bufferedAmount = rest;
      clock.tick(100);
    }

    expect(told).to.deep.equal([3, 6, 1]);
    expect(clock.countTimers()).to.equal(0);
  });

  it('looks the more seldom the longer nothing moves, and ten times a second at least', () => {
    send(1);
    const look = sinon.stub().returns(1);
    Object.defineProperty(native, 'bufferedAmount', { get: look, configurable: true });
    clock.tick(10_000);
    expect(look.callCount).to.be.within(100, 110);

    look.returns(0);
    clock.tick(100);
    expect(told).to.deep.equal([1]);
  });

  it('does not look at messages without bytes', () => {
    send(0);

    expect(clock.countTimers()).to.equal(0);
  });

  it('forgets what waits when it is stopped', () => {
    send(5);
    watch.stop();
    expect(clock.countTimers()).to.equal(0);

    native.bufferedAmount = 0;
    send(3);
    native.bufferedAmount = 0;
    clock.runAll();
    expect(told).to.deep.equal([3]);
  });
});

import { expect } from 'chai';
import sinon from 'sinon';
import { advance, TIMERS } from '../../lib/testing/advance.ts';
import { SignalSpy } from '../../lib/testing/signal-spy.ts';
import { socketPair } from '../../lib/testing/socket-pair.ts';
import { KeepAlive } from '../../lib/websockets/keep-alive.ts';
import { rejectionOf } from '../support/rejection-of.ts';

describe('advance()', () => {
  let clock: sinon.SinonFakeTimers;

  beforeEach(() => {
    clock = sinon.useFakeTimers({ toFake: [...TIMERS] });
  });

  afterEach(() => clock.restore());

  it('moves the clock exactly so far', async () => {
    const before = clock.now;
    await advance(clock, 12_345);

    expect(clock.now - before).to.equal(12_345);
  });

  it('has peers answer pings on the way', async () => {
    const { client, link } = await socketPair();
    const keepAlive = new KeepAlive({ interval: 1000, timeout: 500 });
    keepAlive.add(client);
    const lost = new SignalSpy(keepAlive.peerLost);
    const pongs = new SignalSpy(client.pong);
    await advance(clock, 60_000);
    expect(lost.count()).to.equal(0);
    expect(pongs.count()).to.be.within(55, 60);

    link.stall();
    await advance(clock, 2000);

    expect(lost.count()).to.equal(1);
    expect(client.closeCode()).to.equal(1006);
  });

  it('moves in steps of the given length', async () => {
    const ticks: number[] = [];
    await advance({ tick: (milliseconds) => ticks.push(milliseconds) }, 25, 10);

    expect(ticks).to.deep.equal([10, 10, 5]);
  });

  for (const milliseconds of [-1, NaN, Infinity]) {
    it(`refuses to move by ${milliseconds} ms`, async () => {
      const error = await rejectionOf(advance(clock, milliseconds));

      expect(error).to.be.instanceOf(RangeError);
    });
  }

  for (const step of [0, -1, NaN]) {
    it(`refuses steps of ${step} ms`, async () => {
      const error = await rejectionOf(advance(clock, 1, step));

      expect(error).to.be.instanceOf(RangeError);
    });
  }
});

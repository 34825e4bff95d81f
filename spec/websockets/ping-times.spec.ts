import { expect } from 'chai';
import { PingTimes } from '../../lib/websockets/ping-times.ts';

const bytes = (words: string): Uint8Array => new TextEncoder().encode(words);
const text = (payload: Uint8Array): string => new TextDecoder().decode(payload);

describe('PingTimes', () => {
  let times: PingTimes;

  beforeEach(() => {
    times = new PingTimes(100);
  });

  it('numbers its pings', () => {
    const [, first, second] = /^keepalive (\d+)keepalive (\d+)$/.exec(
      text(times.next(200)) + text(times.next(300)),
    )!;

    expect(Number(second) - Number(first)).to.equal(1);
  });

  it('begins anywhere, since others may ping through the same connection', () => {
    const others = new PingTimes(100);

    expect(others.next(200)).not.to.deep.equal(times.next(200));
  });

  it('measures the round trip of its last ping', () => {
    times.next(200);
    const ping = times.next(300);

    expect(times.roundTripTime).to.equal(-1);
    expect(times.answered(ping, 320)).to.equal(300);
    expect(times.roundTripTime).to.equal(20);
  });

  it('measures it once, however often it is answered', () => {
    const ping = times.next(300);
    times.answered(ping, 320);
    times.answered(ping, 900);

    expect(times.roundTripTime).to.equal(20);
  });

  it('learns nothing of the time from a pong that is late', () => {
    const first = times.next(200);
    times.next(300);
    times.answered(first, 301);

    expect(times.isAnswered).to.equal(true);
    expect(times.roundTripTime).to.equal(-1);
  });

  for (const payload of [
    '',
    'mine',
    'keepaliv',
    'keepalive',
    'a keepalive 1',
    `keepalive ${'1'.repeat(99)}`,
  ]) {
    it(`gives the application what is its own: ${JSON.stringify(payload.slice(0, 20))}`, () => {
      times.next(200);

      expect(times.answered(bytes(payload), 250)).to.equal(100);
      // It may stand for all pings before it (RFC 6455 §5.5.3).
      expect(times.isAnswered).to.equal(true);
      expect(times.roundTripTime).to.equal(-1);
    });
  }

  it('forgets what it knows of a connection that is over', () => {
    times.answered(times.next(200), 250);
    times.next(300);
    times.forget();

    expect(times.isAnswered).to.equal(true);
    expect(times.roundTripTime).to.equal(-1);
  });
});

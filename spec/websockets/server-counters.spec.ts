import { expect } from 'chai';
import { ServerCounters } from '../../lib/websockets/server-counters.ts';
import { NO_REFUSALS } from '../../lib/websockets/server-statistics.ts';

describe('ServerCounters', () => {
  it('begin with a zero for each reason', () => {
    const { refused, waiting, ...rest } = new ServerCounters().statistics(3);

    expect(Object.keys(refused)).to.deep.equal(Object.keys(NO_REFUSALS));
    expect(new Set(Object.values(refused))).to.deep.equal(new Set([0]));
    expect(waiting).to.equal(3);
    const numbers = Object.values(rest).filter((value) => typeof value === 'number');
    expect(new Set(numbers)).to.deep.equal(new Set([0]));
  });

  it('tell what has not ended yet from the difference', () => {
    const counters = new ServerCounters();
    counters.accepted = 10;
    counters.opened = 5;
    counters.ended = 2;
    counters.refuse('origin');
    counters.refuse('origin');
    counters.refuse('tls');

    const { handshaking, open, refused } = counters.statistics(0);
    expect({ handshaking, open }).to.deep.equal({ handshaking: 2, open: 3 });
    expect(refused).to.include({ origin: 2, tls: 1 });
  });

  it('give a snapshot', () => {
    const counters = new ServerCounters();
    const before = counters.statistics(0);
    counters.refuse('left');
    counters.closedByPeer.add('1000');

    expect(before.refused.left).to.equal(0);
    expect(before.closedByPeer).to.deep.equal({});
  });
});

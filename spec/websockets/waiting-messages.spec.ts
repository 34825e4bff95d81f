import { expect } from 'chai';
import type { QueuePolicy as Policy } from '../../lib/websockets/queue-policy.ts';
import { QueuePolicy } from '../../lib/websockets/queue-policy.ts';
import { WaitingMessages } from '../../lib/websockets/waiting-messages.ts';

const NO_LIMITS = { maxMessages: Infinity, maxBytes: Infinity };

describe('WaitingMessages', () => {
  /** One with the messages 'a' to 'c'. */
  function filled(policy: Policy, limits: Partial<typeof NO_LIMITS> = {}): WaitingMessages {
    const waiting = new WaitingMessages(policy, { ...NO_LIMITS, ...limits });
    for (const message of ['a', 'b', 'c']) waiting.add(message);
    return waiting;
  }

  for (const [name, policy] of Object.entries(QueuePolicy)) {
    it(`keeps the order under ${name}`, () => {
      const waiting = filled(policy);

      expect(waiting.count).to.equal(3);
      expect(all(waiting)).to.deep.equal(['a', 'b', 'c']);
      expect(waiting.count).to.equal(0);
      expect(waiting.dropped).to.equal(0);
    });
  }

  for (const policy of [QueuePolicy.Disconnect, QueuePolicy.DropNewest, QueuePolicy.LatestPerKey]) {
    const name = Object.keys(QueuePolicy)[policy];

    it(`takes no more messages than it may under ${name}`, () => {
      const waiting = filled(policy, { maxMessages: 3 });

      expect(waiting.add('d')).to.equal(false);
      expect(waiting.dropped).to.equal(1);
      expect(all(waiting)).to.deep.equal(['a', 'b', 'c']);
    });

    it(`takes no more bytes than it may under ${name}`, () => {
      const waiting = filled(policy, { maxBytes: 5 });

      expect(waiting.add('ddd')).to.equal(false);
      expect(waiting.add('dd')).to.equal(true);
      expect(waiting.bytes).to.equal(5);
    });
  }

  it('has the oldest make room for the newest under DropOldest', () => {
    const waiting = filled(QueuePolicy.DropOldest, { maxMessages: 3, maxBytes: 4 });

    expect(waiting.add('d')).to.equal(true);
    expect(waiting.add('eee')).to.equal(true);
    expect(waiting.dropped).to.equal(3);
    expect(all(waiting)).to.deep.equal(['d', 'eee']);
  });

  it('drops nothing for a message that does not fit at all', () => {
    const waiting = filled(QueuePolicy.DropOldest, { maxBytes: 4 });

    expect(waiting.add('ddddd')).to.equal(false);
    expect(waiting.dropped).to.equal(1);
    expect(all(waiting)).to.deep.equal(['a', 'b', 'c']);
  });

  it('drops every message when none may wait', () => {
    const waiting = filled(QueuePolicy.DropOldest, { maxMessages: 0 });

    expect(waiting.count).to.equal(0);
    expect(waiting.dropped).to.equal(3);
  });

  describe('under LatestPerKey', () => {
    let waiting: WaitingMessages;

    beforeEach(() => {
      waiting = new WaitingMessages(QueuePolicy.LatestPerKey, { maxMessages: 3, maxBytes: 6 });
    });

    it('has a newer value in the place of the older one', () => {
      waiting.add('a1', 'a');
      waiting.add('b1', 'b');
      waiting.add('a22', 'a');

      expect(waiting.count).to.equal(2);
      expect(waiting.bytes).to.equal(5);
      expect(waiting.dropped).to.equal(1);
      expect(all(waiting)).to.deep.equal(['a22', 'b1']);
    });

    it('has no newer value get ahead of a message without a key', () => {
      waiting.add('a1', 'a');
      waiting.add('b1', 'b');
      waiting.add('*');
      waiting.add('a2', 'a');
      waiting.add('a3', 'a');

      expect(waiting.dropped).to.equal(2);
      expect(all(waiting)).to.deep.equal(['b1', '*', 'a3']);
    });

    it('begins anew with a key that has been sent', () => {
      waiting.add('a1', 'a');
      waiting.shift();
      waiting.add('a2', 'a');

      expect(waiting.dropped).to.equal(0);
      expect(all(waiting)).to.deep.equal(['a2']);
    });

    it('takes a newer value although there may be no more messages', () => {
      for (const key of ['a', 'b', 'c']) waiting.add(key, key);

      expect(waiting.add('a2', 'a')).to.equal(true);
      expect(waiting.add('d', 'd')).to.equal(false);
    });

    it('takes no newer value that is too long', () => {
      waiting.add('a', 'a');
      waiting.add('bb', 'b');

      expect(waiting.add('aaaaa', 'a')).to.equal(false);
      expect(waiting.bytes).to.equal(3);
    });
  });

  it('takes out what came with a key, wherever that is', () => {
    const waiting = new WaitingMessages(QueuePolicy.DropOldest, NO_LIMITS);
    for (const key of ['x', 'a', 'x', 'b', 'x']) waiting.add(key, key);
    waiting.discard('x');

    expect(waiting.bytes).to.equal(2);
    waiting.add('c');
    expect(all(waiting)).to.deep.equal(['a', 'b', 'c']);
    expect(waiting.dropped).to.equal(0);
  });

  it('is empty when it was cleared', () => {
    const waiting = new WaitingMessages(QueuePolicy.LatestPerKey, NO_LIMITS);
    waiting.add('a1', 'a');
    waiting.clear();
    waiting.add('a2', 'a');

    expect(waiting.bytes).to.equal(2);
    expect(all(waiting)).to.deep.equal(['a2']);
  });

  it('may only be given up, not thinned out, under Disconnect and LatestPerKey', () => {
    const strict = Object.entries(QueuePolicy).filter(([, policy]) => filled(policy).isStrict);

    expect(strict.map(([name]) => name)).to.deep.equal(['Disconnect', 'LatestPerKey']);
  });
});

function all(waiting: WaitingMessages): unknown[] {
  const messages: unknown[] = [];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) messages.push(next);
  return messages;
}

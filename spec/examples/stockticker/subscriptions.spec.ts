import { expect } from 'chai';
import { MAX_BACKLOG, Subscriptions } from '../../../examples/stockticker/subscriptions.ts';

class RecordingSubscriber {
  readonly messages: string[] = [];
  backlog = 0;

  sendTextMessage(message: string): number {
    this.messages.push(message);
    return message.length;
  }

  bytesToWrite(): number {
    return this.backlog;
  }

  prices(): string[] {
    return this.messages.map((message) => {
      const { symbol, price } = JSON.parse(message) as { symbol: string; price: number };
      return `${symbol} ${price}`;
    });
  }
}

describe('Subscriptions', () => {
  let subscriptions: Subscriptions;
  let alice: RecordingSubscriber;
  let bob: RecordingSubscriber;

  beforeEach(() => {
    const openings = new Map([
      ['AAPL', 10],
      ['MSFT', 20],
    ]);
    subscriptions = new Subscriptions(openings, 1000);
    alice = new RecordingSubscriber();
    bob = new RecordingSubscriber();
  });

  it('knows the symbols it was made with', () => {
    expect(subscriptions.symbols()).to.deep.equal(['AAPL', 'MSFT']);
    expect(subscriptions.has('AAPL')).to.equal(true);
    expect(subscriptions.has('toString')).to.equal(false);
  });

  describe('publish', () => {
    it('reaches the subscribers of that symbol only', () => {
      subscriptions.subscribe(alice, ['AAPL']);
      subscriptions.subscribe(bob, ['MSFT']);

      subscriptions.publish('AAPL', 11, 2000);

      expect(alice.prices()).to.deep.equal(['AAPL 11']);
      expect(bob.prices()).to.deep.equal([]);
    });

    it('says nothing while the price stays the same', () => {
      subscriptions.subscribe(alice, ['AAPL']);

      subscriptions.publish('AAPL', 10, 2000);
      subscriptions.publish('AAPL', 11, 3000);
      subscriptions.publish('AAPL', 11, 4000);

      expect(alice.prices()).to.deep.equal(['AAPL 11']);
    });

    it('counts the change from the first price', () => {
      subscriptions.subscribe(alice, ['AAPL']);

      subscriptions.publish('AAPL', 10.1, 2000);
      subscriptions.publish('AAPL', 9.7, 3000);

      expect(alice.messages.map((message) => JSON.parse(message) as unknown)).to.deep.equal([
        { type: 'price', symbol: 'AAPL', price: 10.1, time: 2000, change: 0.1 },
        { type: 'price', symbol: 'AAPL', price: 9.7, time: 3000, change: -0.3 },
      ]);
    });

    it('reaches a subscriber once that has subscribed twice', () => {
      subscriptions.subscribe(alice, ['AAPL', 'AAPL']);
      subscriptions.subscribe(alice, ['AAPL']);

      subscriptions.publish('AAPL', 11, 2000);

      expect(alice.prices()).to.deep.equal(['AAPL 11']);
    });

    it('ignores symbols it does not know', () => {
      subscriptions.subscribe(alice, ['NOPE']);

      subscriptions.publish('NOPE', 1, 2000);

      expect(alice.messages).to.deep.equal([]);
    });
  });

  it('stops telling who has unsubscribed, of that symbol only', () => {
    subscriptions.subscribe(alice, ['AAPL', 'MSFT']);
    subscriptions.unsubscribe(alice, ['AAPL']);

    subscriptions.publish('AAPL', 11, 2000);
    subscriptions.publish('MSFT', 21, 2000);

    expect(alice.prices()).to.deep.equal(['MSFT 21']);
  });

  it('forgets who was dropped, and nobody else', () => {
    subscriptions.subscribe(alice, ['AAPL']);
    subscriptions.subscribe(bob, ['AAPL']);

    subscriptions.drop(alice);
    subscriptions.publish('AAPL', 11, 2000);

    expect(alice.prices()).to.deep.equal([]);
    expect(bob.prices()).to.deep.equal(['AAPL 11']);
    expect(subscriptions.quotesFor(alice)).to.deep.equal([]);
  });

  it('tells the latest prices of what one is subscribed to', () => {
    subscriptions.publish('MSFT', 21.5, 2000);
    subscriptions.subscribe(alice, ['MSFT']);

    expect(subscriptions.quotesFor(alice)).to.deep.equal([
      { symbol: 'MSFT', price: 21.5, time: 2000, change: 1.5 },
    ]);
  });

  describe('of a slow subscriber', () => {
    beforeEach(() => {
      subscriptions.subscribe(alice, ['AAPL', 'MSFT']);
      subscriptions.subscribe(bob, ['AAPL']);
      alice.backlog = MAX_BACKLOG + 1;
      subscriptions.publish('AAPL', 11, 2000);
      subscriptions.publish('AAPL', 12, 3000);
    });

    it('skip it, and reach the others', () => {
      expect(alice.prices()).to.deep.equal([]);
      expect(bob.prices()).to.deep.equal(['AAPL 11', 'AAPL 12']);
    });

    it('still reach it with a full backlog that is not over the bound', () => {
      alice.backlog = MAX_BACKLOG;

      subscriptions.publish('AAPL', 13, 4000);

      expect(alice.prices()).to.deep.equal(['AAPL 13']);
    });

    it('catch up with the latest price once half of the backlog is gone', () => {
      alice.backlog = MAX_BACKLOG / 2 + 1;
      subscriptions.catchUp(alice);
      expect(alice.prices()).to.deep.equal([]);

      alice.backlog = MAX_BACKLOG / 2;
      subscriptions.catchUp(alice);
      subscriptions.catchUp(alice);

      expect(alice.prices()).to.deep.equal(['AAPL 12']);
    });

    it('do not repeat a price that got through meanwhile', () => {
      alice.backlog = 0;
      subscriptions.publish('AAPL', 13, 4000);

      subscriptions.catchUp(alice);

      expect(alice.prices()).to.deep.equal(['AAPL 13']);
    });

    it('do not bring back what it has unsubscribed from', () => {
      subscriptions.unsubscribe(alice, ['AAPL']);

      alice.backlog = 0;
      subscriptions.catchUp(alice);

      expect(alice.prices()).to.deep.equal([]);
    });

    it('are forgotten when it goes', () => {
      subscriptions.drop(alice);

      alice.backlog = 0;
      subscriptions.catchUp(alice);

      expect(alice.prices()).to.deep.equal([]);
    });
  });
});

import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { Topics } from '../../lib/websockets/topics.ts';
import { FakeBroker } from '../support/fake-broker.ts';
import { KeptSocket } from '../support/kept-socket.ts';

const RETAINED = { retain: true };

describe('BrokerLink', () => {
  let topics: Topics;
  let broker: FakeBroker;
  let alice: KeptSocket;
  let bob: KeptSocket;

  beforeEach(() => {
    topics = new Topics();
    broker = new FakeBroker();
    topics.broker = broker;
    alice = KeptSocket.accepted();
    bob = KeptSocket.accepted();
  });

  /** What was sent to `socket` since the last time. */
  function got(socket: KeptSocket): unknown[] {
    const { asked } = socket.backend;
    return asked
      .splice(0)
      .filter(([name]) => name === 'sendPrepared')
      .map(([, content]) => content);
  }

  /** Subscribes alice, and lets the broker tell the value `content` with `version`. */
  function subscribed(content: string | null = null, version = 0): void {
    topics.subscribe(alice, 'AAPL');
    broker.tellLatest('AAPL', content, version);
    got(alice);
    broker.takeAsked();
  }

  /** The broker confirms, or not, what it was asked last. */
  async function answers(version: number | Error): Promise<void> {
    const { resolve, reject } = broker.answers.at(-1)!;
    if (version instanceof Error) reject(version);
    else resolve(version);
    await setImmediate();
  }

  describe('while the broker is there', () => {
    it('subscribes for the first subscriber, and unsubscribes after the last', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      topics.unsubscribe(alice, 'AAPL');
      expect(broker.takeAsked()).to.deep.equal([['subscribe', 'AAPL']]);

      bob.abort();
      expect(broker.takeAsked()).to.deep.equal([['unsubscribe', 'AAPL']]);
      expect(topics.names()).to.deep.equal([]);
    });

    it('publishes by the broker alone', () => {
      subscribed();

      expect(topics.publish('AAPL', '1')).to.equal(0);
      expect(topics.publish('elsewhere', Uint8Array.of(1, 2))).to.equal(0);
      expect(topics.publish('AAPL', '2', RETAINED)).to.equal(0);

      expect(got(alice)).to.deep.equal([]);
      expect(broker.takeAsked()).to.deep.equal([
        ['publish', 'AAPL', '1'],
        ['publish', 'elsewhere', Uint8Array.of(1, 2)],
        ['retain', 'AAPL', '2'],
      ]);
    });

    it('holds to the limits', () => {
      topics.maxTopics = 0;

      expect(topics.publish('AAPL', '1', RETAINED)).to.equal(-1);
      expect(topics.publish('', '1')).to.equal(-1);
      expect(topics.clearRetained('AAPL')).to.equal(false);
      expect(broker.takeAsked()).to.deep.equal([]);
    });

    it('delivers what comes from the broker', () => {
      subscribed();

      broker.tell('AAPL', '1');
      broker.tell('AAPL', Uint8Array.of(1, 2));
      broker.tell('AAPL', '2', 7);
      broker.tell('MSFT', '3');

      expect(got(alice)).to.deep.equal(['1', [1, 2], '2']);
    });

    it('never delivers an older value after a newer one, nor one twice', () => {
      subscribed();

      broker.tell('AAPL', 'new', 8);
      broker.tell('AAPL', 'old', 7);
      broker.tell('AAPL', 'new', 8);

      expect(got(alice)).to.deep.equal(['new']);
    });

    it('delivers the same value again that was published again', () => {
      subscribed();

      broker.tell('AAPL', 'same', 8);
      broker.tell('AAPL', 'same', 9);

      expect(got(alice)).to.deep.equal(['same', 'same']);
    });
  });

  describe('a new subscriber', () => {
    it('gets the latest value when the broker has told it', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      expect([...got(alice), ...got(bob)]).to.deep.equal([]);

      broker.tellLatest('AAPL', '1', 7);

      expect(got(alice)).to.deep.equal(['1']);
      expect(got(bob)).to.deep.equal(['1']);
      expect(topics.retained('AAPL')?.size()).to.equal(1);
    });

    it('gets it at once when it is known here', () => {
      subscribed('1', 7);

      topics.subscribe(bob, 'AAPL');

      expect(got(bob)).to.deep.equal(['1']);
      expect(broker.takeAsked()).to.deep.equal([]);
    });

    it('gets a newer value that comes before it, and then not the older one', () => {
      topics.subscribe(alice, 'AAPL');

      broker.tell('AAPL', '2', 8);
      broker.tellLatest('AAPL', '1', 7);

      expect(got(alice)).to.deep.equal(['2']);
    });

    it('gets no value of this process that may be an old one', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await answers(7);

      topics.subscribe(alice, 'AAPL');
      expect(got(alice)).to.deep.equal([]);
      broker.tellLatest('AAPL', 'newer', 8);

      expect(got(alice)).to.deep.equal(['newer']);
    });

    it('gets the value of this process when the broker tells that it is the latest', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await answers(7);

      topics.subscribe(alice, 'AAPL');
      broker.tellLatest('AAPL', 'mine', 7);

      expect(got(alice)).to.deep.equal(['mine']);
    });

    it('gets nothing when it has left before', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      topics.unsubscribe(alice, 'AAPL');

      broker.tellLatest('AAPL', '1', 7);

      expect(got(alice)).to.deep.equal([]);
    });

    it('gets nothing that was cleared', () => {
      subscribed('1', 7);
      broker.tell('AAPL', null, 8);

      topics.subscribe(bob, 'AAPL');

      expect(got(bob)).to.deep.equal([]);
      expect(got(alice)).to.deep.equal([]);
    });

    it('asks anew when nobody was there for a time', () => {
      subscribed('1', 7);
      topics.unsubscribe(alice, 'AAPL');
      broker.tell('AAPL', '2', 8);

      topics.subscribe(alice, 'AAPL');
      expect(got(alice)).to.deep.equal([]);
      broker.tellLatest('AAPL', '2', 8);

      expect(got(alice)).to.deep.equal(['2']);
    });

    it('gets what is known when the broker goes before it has told', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await answers(7);
      topics.subscribe(alice, 'AAPL');

      broker.goDown();

      expect(got(alice)).to.deep.equal(['mine']);
    });
  });

  describe('while the broker is away', () => {
    beforeEach(() => {
      subscribed('1', 7);
      broker.goDown();
    });

    it('delivers here what is published here', () => {
      expect(topics.publish('AAPL', 'note')).to.equal(1);
      expect(topics.publish('AAPL', '2', RETAINED)).to.equal(1);

      expect(got(alice)).to.deep.equal(['note', '2']);
      expect(broker.takeAsked()).to.deep.equal([]);
    });

    it('gives new subscribers what is known', () => {
      topics.subscribe(bob, 'AAPL');

      expect(got(bob)).to.deep.equal(['1']);
    });

    it('hands the latest values over afterwards, those alone', () => {
      topics.publish('AAPL', '2', RETAINED);
      topics.publish('AAPL', '3', RETAINED);
      topics.publish('MSFT', '4', RETAINED);
      topics.publish('AAPL', 'note');

      broker.comeUp();

      expect(broker.takeAsked()).to.deep.equal([
        ['retain', 'AAPL', '3'],
        ['retain', 'MSFT', '4'],
      ]);
    });

    it('does not deliver again what comes back from that', async () => {
      topics.publish('AAPL', '2', RETAINED);
      got(alice);
      broker.comeUp();
      broker.tellLatest('AAPL', '1', 7);

      broker.tell('AAPL', '2', 8);
      await answers(8);
      expect(got(alice)).to.deep.equal([]);

      broker.tell('AAPL', '2', 9);
      expect(got(alice)).to.deep.equal(['2']);
    });

    it('delivers it again behind what others have published, for it is the latest', () => {
      topics.publish('AAPL', '2', RETAINED);
      got(alice);
      broker.comeUp();

      broker.tellLatest('AAPL', 'theirs', 8);
      broker.tell('AAPL', '2', 9);

      expect(got(alice)).to.deep.equal(['theirs', '2']);
    });

    it('clears a value afterwards that was cleared', () => {
      topics.clearRetained('AAPL');
      topics.subscribe(bob, 'AAPL');
      expect(got(bob)).to.deep.equal([]);

      broker.comeUp();

      expect(broker.takeAsked()).to.deep.equal([['retain', 'AAPL', null]]);
    });

    it('restores a value that the broker has lost', async () => {
      broker.comeUp();
      broker.tellLatest('AAPL');
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', '1', 7]]);

      broker.tell('AAPL', '1', 8);
      await answers(8);

      expect(got(alice)).to.deep.equal([]);
    });

    it('restores nothing that the broker still has, or has anew', () => {
      broker.comeUp();
      broker.tellLatest('AAPL', '1', 7);
      broker.goDown();
      broker.comeUp();
      broker.tell('AAPL', '2', 8);
      broker.tellLatest('AAPL');

      expect(broker.takeAsked()).to.deep.equal([]);
      expect(got(alice)).to.deep.equal(['2']);
    });
  });

  describe('a value that was published here without subscribers', () => {
    beforeEach(async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await answers(7);
      broker.takeAsked();
    });

    it('is restored when the broker has lost it', async () => {
      broker.goDown();
      broker.comeUp();
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', 'mine', 7]]);

      await answers(8);
      broker.goDown();
      broker.comeUp();
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', 'mine', 8]]);
    });

    it('is forgotten when the broker has a newer one', async () => {
      broker.goDown();
      broker.comeUp();

      await answers(0);

      expect(topics.names()).to.deep.equal([]);
    });

    it('is kept when it could not be restored', async () => {
      broker.goDown();
      broker.comeUp();

      await answers(new Error('Gone again.'));

      expect(topics.names()).to.deep.equal(['AAPL']);
    });

    it('is forgotten here when it is cleared', async () => {
      expect(topics.clearRetained('AAPL')).to.equal(true);
      await answers(8);

      expect(topics.names()).to.deep.equal([]);
    });
  });

  describe('a value that the broker has not confirmed', () => {
    for (const isTold of ['before', 'after']) {
      it(`is delivered here when the broker has gone, told ${isTold} it was refused`, async () => {
        subscribed('1', 7);
        topics.publish('AAPL', '2', RETAINED);

        if (isTold === 'before') broker.goDown();
        await answers(new Error('Gone.'));
        if (isTold === 'after') broker.goDown();
        expect(got(alice)).to.deep.equal(['2']);

        broker.takeAsked();
        broker.comeUp();
        expect(broker.takeAsked()).to.deep.equal([['retain', 'AAPL', '2']]);
      });
    }

    it('is not delivered again when only the confirmation was lost', async () => {
      subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);
      broker.tell('AAPL', '2', 8);
      expect(got(alice)).to.deep.equal(['2']);

      broker.goDown();
      await answers(new Error('Gone.'));

      expect(got(alice)).to.deep.equal([]);
    });

    it('gives way to the next one', async () => {
      subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);
      topics.publish('AAPL', '3', RETAINED);
      broker.answers[0]!.reject(new Error('Too busy.'));
      await answers(9);

      broker.goDown();
      broker.comeUp();

      expect(broker.asked.filter(([name]) => name === 'retain')).to.have.lengthOf(2);
    });
  });

  it('takes subscribers and values along that were there before the broker', () => {
    topics.broker = null;
    topics.subscribe(alice, 'AAPL');
    topics.publish('MSFT', 'before', RETAINED);
    broker.takeAsked();

    topics.broker = broker;

    expect(broker.takeAsked()).to.deep.equal([
      ['subscribe', 'AAPL'],
      ['restore', 'MSFT', 'before', 0],
    ]);
  });

  it('leaves the broker when another one takes its place, and with the topics', () => {
    subscribed('1', 7);
    const next = new FakeBroker();

    topics.broker = next;
    expect(broker.takeAsked()).to.deep.equal([['unsubscribe', 'AAPL']]);
    broker.tell('AAPL', '9', 9);
    next.tellLatest('AAPL', '2', 1);
    expect(got(alice)).to.deep.equal(['2']);

    topics.clear();
    expect(next.takeAsked()).to.deep.equal([
      ['subscribe', 'AAPL'],
      ['unsubscribe', 'AAPL'],
    ]);
    expect(topics.broker).to.equal(null);
    expect(next.listeners('messageReceived')).to.have.lengthOf(0);
  });
});

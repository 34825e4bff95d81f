import { expect } from 'chai';
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
  async function subscribed(content: string | null = null, version = 0): Promise<void> {
    topics.subscribe(alice, 'AAPL');
    await broker.tellLatest('AAPL', content, version);
    got(alice);
    broker.takeAsked();
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

    it('publishes by the broker alone', async () => {
      await subscribed();

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

    it('delivers what comes from the broker', async () => {
      await subscribed();

      broker.tell('AAPL', '1');
      broker.tell('AAPL', Uint8Array.of(1, 2));
      broker.tell('AAPL', '2', 7);
      broker.tell('MSFT', '3');

      expect(got(alice)).to.deep.equal(['1', [1, 2], '2']);
    });

    it('never delivers an older value after a newer one, nor one twice', async () => {
      await subscribed();

      broker.tell('AAPL', 'new', 8);
      broker.tell('AAPL', 'old', 7);
      broker.tell('AAPL', 'new', 8);

      expect(got(alice)).to.deep.equal(['new']);
    });

    it('delivers the same value again that was published again', async () => {
      await subscribed();

      broker.tell('AAPL', 'same', 8);
      broker.tell('AAPL', 'same', 9);

      expect(got(alice)).to.deep.equal(['same', 'same']);
    });
  });

  describe('a new subscriber', () => {
    it('gets the latest value when the broker has told it', async () => {
      topics.subscribe(alice, 'AAPL');
      expect(got(alice)).to.deep.equal([]);

      await broker.tellLatest('AAPL', '1', 7);

      expect(got(alice)).to.deep.equal(['1']);
      expect(topics.retained('AAPL')?.size()).to.equal(1);
    });

    it('has the broker asked, as it may have seen newer ones in another process', async () => {
      await subscribed('1', 7);
      topics.subscribe(bob, 'AAPL');
      expect(got(bob)).to.deep.equal([]);

      await broker.tellLatest('AAPL', '3', 9);
      broker.tell('AAPL', '2', 8);
      broker.tell('AAPL', '3', 9);

      expect(got(bob)).to.deep.equal(['3']);
      expect(got(alice)).to.deep.equal(['3']);
    });

    it('gets no value that comes late, before the broker has been asked', async () => {
      await subscribed('1', 7);
      topics.subscribe(bob, 'AAPL');

      broker.tell('AAPL', '2', 8);
      expect(got(alice)).to.deep.equal(['2']);
      expect(got(bob)).to.deep.equal([]);
      await broker.tellLatest('AAPL', '2', 8);

      expect(got(bob)).to.deep.equal(['2']);
      expect(got(alice)).to.deep.equal([]);
    });

    it('shares a question with those who have come before it was asked, and no other', async () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      const carol = KeptSocket.accepted();
      topics.subscribe(carol, 'AAPL');
      expect(broker.questions('AAPL')).to.equal(1);

      await broker.tellLatest('AAPL', '1', 7);
      expect([got(alice), got(bob), got(carol)]).to.deep.equal([['1'], [], []]);
      expect(broker.questions('AAPL')).to.equal(1);
      await broker.tellLatest('AAPL', '2', 8);

      expect([got(alice), got(bob), got(carol)]).to.deep.equal([['2'], ['2'], ['2']]);
      expect(broker.questions('AAPL')).to.equal(0);
    });

    it('gets what is not retained, whatever it waits for', () => {
      topics.subscribe(alice, 'AAPL');

      broker.tell('AAPL', 'note');

      expect(got(alice)).to.deep.equal(['note']);
    });

    it('gets a newer value that comes before the answer, once', async () => {
      topics.subscribe(alice, 'AAPL');

      broker.tell('AAPL', '2', 8);
      await broker.tellLatest('AAPL', '1', 7);
      broker.tell('AAPL', '2', 8);

      expect(got(alice)).to.deep.equal(['2']);
    });

    it('gets no value of this process that may be an old one', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await broker.confirm(7);

      topics.subscribe(alice, 'AAPL');
      expect(got(alice)).to.deep.equal([]);
      await broker.tellLatest('AAPL', 'newer', 8);

      expect(got(alice)).to.deep.equal(['newer']);
    });

    it('gets the value of this process when the broker tells that it is the latest', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await broker.confirm(7);

      topics.subscribe(alice, 'AAPL');
      await broker.tellLatest('AAPL', 'mine', 7);

      expect(got(alice)).to.deep.equal(['mine']);
    });

    it('gets no answer to a question from before the broker was away', async () => {
      topics.subscribe(alice, 'AAPL');
      broker.goDown();
      broker.comeUp();
      topics.subscribe(bob, 'AAPL');

      await broker.tellLatest('AAPL', '1', 7);
      expect(got(alice)).to.deep.equal([]);
      await broker.tellLatest('AAPL', '2', 8);
      await broker.tellLatest('AAPL', '2', 8);

      expect([got(alice), got(bob)]).to.deep.equal([['2'], ['2']]);
    });

    it('gets nothing when it has left before', async () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      topics.unsubscribe(alice, 'AAPL');

      await broker.tellLatest('AAPL', '1', 7);
      await broker.tellLatest('AAPL', '1', 7);

      expect(got(alice)).to.deep.equal([]);
      expect(got(bob)).to.deep.equal(['1']);
    });

    it('gets nothing that was cleared', async () => {
      await subscribed('1', 7);
      broker.tell('AAPL', null, 8);

      topics.subscribe(bob, 'AAPL');
      await broker.tellLatest('AAPL', null, 8);

      expect(got(bob)).to.deep.equal([]);
      expect(got(alice)).to.deep.equal([]);
    });

    it('asks anew when nobody was there for a time', async () => {
      await subscribed('1', 7);
      topics.unsubscribe(alice, 'AAPL');
      broker.tell('AAPL', '2', 8);

      topics.subscribe(alice, 'AAPL');
      expect(got(alice)).to.deep.equal([]);
      await broker.tellLatest('AAPL', '2', 8);

      expect(got(alice)).to.deep.equal(['2']);
    });

    it('gets what is known when the broker goes before it has told', async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await broker.confirm(7);
      topics.subscribe(alice, 'AAPL');

      broker.goDown();

      expect(got(alice)).to.deep.equal(['mine']);
    });
  });

  describe('while the broker is away', () => {
    beforeEach(async () => {
      await subscribed('1', 7);
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
      await broker.tellLatest('AAPL', '1', 7);

      broker.tell('AAPL', '2', 8);
      await broker.confirm(8);
      expect(got(alice)).to.deep.equal([]);

      broker.tell('AAPL', '2', 9);
      expect(got(alice)).to.deep.equal(['2']);
    });

    it('delivers it again behind what others have published, for it is the latest', async () => {
      topics.publish('AAPL', '2', RETAINED);
      got(alice);
      broker.comeUp();

      await broker.tellLatest('AAPL', 'theirs', 8);
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
      await broker.tellLatest('AAPL');
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', '1', 7]]);

      broker.tell('AAPL', '1', 8);
      await broker.confirm(8);

      expect(got(alice)).to.deep.equal([]);
    });

    it('does not deliver again what another process has restored', async () => {
      broker.comeUp();

      broker.tell('AAPL', '1', 8);
      await broker.tellLatest('AAPL', '1', 8);

      expect(broker.takeAsked()).to.deep.equal([]);
      expect(got(alice)).to.deep.equal([]);
    });

    it('restores a value of its own whose subscribers have gone', async () => {
      topics.publish('AAPL', '2', RETAINED);
      broker.comeUp();
      await broker.confirm(8);
      broker.tell('AAPL', '2', 8);
      topics.unsubscribe(alice, 'AAPL');
      broker.takeAsked();

      broker.goDown();
      broker.comeUp();

      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', '2', 8]]);
    });

    it('restores nothing that the broker still has, or has anew', async () => {
      broker.comeUp();
      await broker.tellLatest('AAPL', '1', 7);
      broker.goDown();
      broker.comeUp();
      broker.tell('AAPL', '2', 8);
      await broker.tellLatest('AAPL');

      expect(broker.takeAsked()).to.deep.equal([]);
      expect(got(alice)).to.deep.equal(['2']);
    });
  });

  describe('a value that was published here without subscribers', () => {
    beforeEach(async () => {
      topics.publish('AAPL', 'mine', RETAINED);
      await broker.confirm(7);
      broker.takeAsked();
    });

    it('is restored when the broker has lost it', async () => {
      broker.goDown();
      broker.comeUp();
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', 'mine', 7]]);

      await broker.confirm(8);
      broker.goDown();
      broker.comeUp();
      expect(broker.takeAsked()).to.deep.equal([['restore', 'AAPL', 'mine', 8]]);
    });

    it('is forgotten when the broker has a newer one', async () => {
      broker.goDown();
      broker.comeUp();

      await broker.confirm(0);

      expect(topics.names()).to.deep.equal([]);
    });

    it('is kept when it could not be restored', async () => {
      broker.goDown();
      broker.comeUp();

      await broker.confirm(new Error('Gone again.'));

      expect(topics.names()).to.deep.equal(['AAPL']);
    });

    it('is forgotten here when it is cleared', async () => {
      expect(topics.clearRetained('AAPL')).to.equal(true);
      await broker.confirm(8);

      expect(topics.names()).to.deep.equal([]);
    });
  });

  describe('a value that the broker has not confirmed', () => {
    for (const isTold of ['before', 'after']) {
      it(`is delivered here when the broker has gone, told ${isTold} it was refused`, async () => {
        await subscribed('1', 7);
        topics.publish('AAPL', '2', RETAINED);

        if (isTold === 'before') broker.goDown();
        await broker.confirm(new Error('Gone.'));
        if (isTold === 'after') broker.goDown();
        expect(got(alice)).to.deep.equal(['2']);

        broker.takeAsked();
        broker.comeUp();
        expect(broker.takeAsked()).to.deep.equal([['retain', 'AAPL', '2']]);
      });
    }

    it('is not delivered again when only the confirmation was lost', async () => {
      await subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);
      broker.tell('AAPL', '2', 8);
      expect(got(alice)).to.deep.equal(['2']);

      broker.goDown();
      await broker.confirm(new Error('Gone.'));

      expect(got(alice)).to.deep.equal([]);
    });

    it('is not delivered here while the broker is there', async () => {
      await subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);

      await broker.confirm(new Error('Too large.'));

      expect(got(alice)).to.deep.equal([]);
    });

    it('stays one when only the value before it was confirmed', async () => {
      await subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);
      topics.publish('AAPL', '3', RETAINED);

      await broker.confirm(8);
      broker.tell('AAPL', '2', 8);
      broker.goDown();

      expect(got(alice)).to.deep.equal(['2', '3']);
    });

    it('is handed over anew when it was refused, and the broker has come back', async () => {
      topics.publish('AAPL', '1', RETAINED);
      await broker.confirm(new Error('Full.'));
      broker.takeAsked();

      broker.goDown();
      broker.comeUp();

      expect(broker.takeAsked()).to.deep.equal([['retain', 'AAPL', '1']]);
    });

    it('is forgotten when it was refused, and another process has published since', async () => {
      await subscribed();
      topics.publish('AAPL', '1', RETAINED);
      await broker.confirm(new Error('Full.'));
      broker.tell('AAPL', '2', 7);
      broker.takeAsked();

      broker.goDown();
      broker.comeUp();

      expect(broker.takeAsked()).to.deep.equal([]);
      expect(got(alice)).to.deep.equal(['2']);
    });

    it('gives way to the next one', async () => {
      await subscribed('1', 7);
      topics.publish('AAPL', '2', RETAINED);
      topics.publish('AAPL', '3', RETAINED);
      await broker.confirm(new Error('Too busy.'));
      await broker.confirm(9);

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

  it('leaves the broker when another one takes its place, and with the topics', async () => {
    await subscribed('1', 7);
    const next = new FakeBroker();

    topics.broker = next;
    expect(broker.takeAsked()).to.deep.equal([['unsubscribe', 'AAPL']]);
    broker.tell('AAPL', '9', 9);
    await next.tellLatest('AAPL', '2', 1);
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

import { expect } from 'chai';
import { BackPressure } from '../../lib/websockets/back-pressure.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { QueuePolicy } from '../../lib/websockets/queue-policy.ts';
import { Topics } from '../../lib/websockets/topics.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

/** What was sent to `socket` so far: text, or an array of bytes. */
function sentTo(socket: KeptSocket): unknown[] {
  return socket.backend.asked
    .filter(([name]) => name === 'sendPrepared')
    .map(([, content]) => content);
}

describe('Topics', () => {
  let topics: Topics;
  let alice: KeptSocket;
  let bob: KeptSocket;

  beforeEach(() => {
    topics = new Topics();
    alice = KeptSocket.accepted();
    bob = KeptSocket.accepted();
  });

  describe('publish()', () => {
    it('reaches the subscribers of that topic, and nobody else', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'MSFT');

      expect(topics.publish('AAPL', '187.20')).to.equal(1);

      expect(sentTo(alice)).to.deep.equal(['187.20']);
      expect(sentTo(bob)).to.deep.equal([]);
    });

    it('sends bytes as a binary message', () => {
      topics.subscribe(alice, 'frames');

      topics.publish('frames', Uint8Array.of(1, 2, 3));

      expect(sentTo(alice)).to.deep.equal([[1, 2, 3]]);
    });

    it('takes a message that is prepared already', () => {
      const message = QWebSocketPreparedMessage.fromText('187.20');
      topics.subscribe(alice, 'AAPL');

      topics.publish('AAPL', message, { retain: true });

      expect(sentTo(alice)).to.deep.equal(['187.20']);
      expect(topics.retained('AAPL')).to.equal(message);
    });

    it('reaches a socket once that has subscribed twice', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(alice, 'AAPL');

      topics.publish('AAPL', '187.20');

      expect(sentTo(alice)).to.deep.equal(['187.20']);
    });

    it('passes the choice to compress on', () => {
      topics.subscribe(alice, 'AAPL');

      topics.publish('AAPL', '187.20', { compress: false });

      expect(alice.backend.asked.at(-1)).to.deep.equal(['sendPrepared', '187.20', false]);
    });

    it('does not count those for which too much waits', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      bob.backend.isRoomy = false;

      expect(topics.publish('AAPL', '187.20')).to.equal(1);
    });

    it('takes a topic as it is written, without wildcards', () => {
      for (const topic of ['*', '>', 'A*', '__proto__', 'constructor']) {
        expect(topics.subscribe(alice, topic), topic).to.equal(true);
      }

      expect(topics.publish('AAPL', '187.20')).to.equal(0);
      expect(topics.publish('__proto__', 'found')).to.equal(1);
    });

    it('reaches the others when one stream throws, and reports that', async () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      alice.backend.sendPrepared = () => {
        throw new Error('A stream of yours.');
      };

      const errors = await uncaughtErrors(() => {
        expect(topics.publish('AAPL', '187.20')).to.equal(1);
      });

      expect(errors).to.have.lengthOf(1);
      expect(sentTo(bob)).to.deep.equal(['187.20']);
    });

    it('does not reach who subscribes or leaves while it is sent out', () => {
      const carol = KeptSocket.accepted();
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
      alice.backend.sendPrepared = () => {
        topics.unsubscribe(bob, 'AAPL');
        topics.subscribe(carol, 'AAPL');
        return true;
      };

      topics.publish('AAPL', '187.20');

      expect(sentTo(bob)).to.deep.equal([]);
      expect(sentTo(carol)).to.deep.equal([]);
      expect(topics.subscribers('AAPL')).to.deep.equal([alice, carol]);
    });
  });

  describe('what a slot publishes while a message is sent out', () => {
    beforeEach(() => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(bob, 'AAPL');
    });

    /** Publishes, when alice gets her first message. */
    function interrupt(publish: () => void): void {
      const send = alice.backend.sendPrepared.bind(alice.backend);
      alice.backend.sendPrepared = (message) => {
        alice.backend.sendPrepared = send;
        const isTaken = send(message);
        publish();
        return isTaken;
      };
    }

    it('comes behind it for all', () => {
      interrupt(() => expect(topics.publish('AAPL', '2', { retain: true })).to.equal(0));

      expect(topics.publish('AAPL', '1', { retain: true })).to.equal(2);

      expect(sentTo(alice)).to.deep.equal(['1', '2']);
      expect(sentTo(bob)).to.deep.equal(['1', '2']);
    });

    it('comes once, and in order, to who subscribes meanwhile', () => {
      const carol = KeptSocket.accepted();
      interrupt(() => {
        topics.publish('AAPL', '2', { retain: true });
        topics.subscribe(carol, 'AAPL');
      });

      topics.publish('AAPL', '1', { retain: true });

      expect(sentTo(carol)).to.deep.equal(['1', '2']);
    });

    it('is kept when all have left meanwhile', () => {
      interrupt(() => {
        topics.publish('AAPL', '2', { retain: true });
        topics.leave(alice);
        topics.leave(bob);
      });

      topics.publish('AAPL', '1');

      expect(topics.retained('AAPL')?.size()).to.equal(1);
    });
  });

  describe('with a BackPressure', () => {
    let backPressure: BackPressure;

    beforeEach(() => {
      backPressure = new BackPressure({ policy: QueuePolicy.LatestPerKey, highWaterMark: 100 });
      topics.backPressure = backPressure;
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(alice, 'MSFT');
      topics.subscribe(bob, 'AAPL');
      alice.backend.waiting = 101;
    });

    it('give a slow subscriber the latest message of each topic', () => {
      for (const price of ['1', '2', '3']) topics.publish('AAPL', price);
      topics.publish('MSFT', '4');
      expect(sentTo(alice)).to.deep.equal([]);
      expect(sentTo(bob)).to.deep.equal(['1', '2', '3']);

      alice.backend.waiting = 0;
      alice.backend.connection().bytesWritten(101);

      expect(sentTo(alice)).to.deep.equal(['3', '4']);
    });

    it('do not give it what it has unsubscribed from', () => {
      topics.publish('AAPL', '1');
      topics.publish('MSFT', '2');
      topics.unsubscribe(alice, 'AAPL');

      alice.backend.waiting = 0;
      alice.backend.connection().bytesWritten(101);

      expect(sentTo(alice)).to.deep.equal(['2']);
    });

    it('have retained values wait as well', () => {
      topics.publish('TSLA', '5', { retain: true });
      topics.subscribe(alice, 'TSLA');
      expect(backPressure.waitingMessages(alice)).to.equal(1);
    });
  });

  describe('a retained value', () => {
    it('is what a new subscriber gets at once, and then what follows', () => {
      topics.publish('AAPL', '1', { retain: true });
      topics.publish('AAPL', '2', { retain: true });

      topics.subscribe(alice, 'AAPL');
      expect(sentTo(alice)).to.deep.equal(['2']);

      topics.publish('AAPL', '3', { retain: true });
      expect(sentTo(alice)).to.deep.equal(['2', '3']);
    });

    it('comes once, however often one subscribes', () => {
      topics.publish('AAPL', '1', { retain: true });

      topics.subscribe(alice, 'AAPL');
      topics.subscribe(alice, 'AAPL');

      expect(sentTo(alice)).to.deep.equal(['1']);
    });

    it('comes again to who has left and come back', () => {
      topics.publish('AAPL', '1', { retain: true });

      topics.subscribe(alice, 'AAPL');
      topics.unsubscribe(alice, 'AAPL');
      topics.subscribe(alice, 'AAPL');

      expect(sentTo(alice)).to.deep.equal(['1', '1']);
    });

    it('comes once to who subscribes while it is sent out', () => {
      topics.subscribe(alice, 'AAPL');
      alice.backend.sendPrepared = () => topics.subscribe(bob, 'AAPL');

      topics.publish('AAPL', '1', { retain: true });

      expect(sentTo(bob)).to.deep.equal(['1']);
    });

    it('stays when a message that is not retained follows', () => {
      topics.publish('AAPL', '1', { retain: true });
      topics.publish('AAPL', 'halted');

      topics.subscribe(alice, 'AAPL');

      expect(sentTo(alice)).to.deep.equal(['1']);
    });

    it('is forgotten on request', () => {
      topics.publish('AAPL', '1', { retain: true });

      expect(topics.clearRetained('AAPL')).to.equal(true);
      expect(topics.clearRetained('AAPL')).to.equal(false);

      topics.subscribe(alice, 'AAPL');
      expect(sentTo(alice)).to.deep.equal([]);
    });
  });

  describe('a socket', () => {
    for (const [way, leave] of [
      ['disconnects', () => alice.backend.connection().closed()],
      ['closes', () => alice.close()],
      ['is aborted', () => alice.abort()],
      ['is destroyed', () => alice[Symbol.dispose]()],
      [
        'is destroyed while its signals are blocked',
        () => {
          alice.blockSignals(true);
          alice[Symbol.dispose]();
        },
      ],
    ] as const) {
      it(`leaves all of its topics when it ${way}`, () => {
        topics.subscribe(alice, 'AAPL');
        topics.subscribe(alice, 'MSFT');
        topics.subscribe(bob, 'MSFT');

        leave();

        expect(topics.names()).to.deep.equal(['MSFT']);
        expect(topics.names(alice)).to.deep.equal([]);
        expect(topics.publish('MSFT', '415.60')).to.equal(1);
      });
    }

    it('is found out that has ended while its signals were blocked', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(alice, 'MSFT');
      alice.blockSignals(true);
      alice.abort();

      expect(topics.subscribers('AAPL')).to.deep.equal([]);
      expect(topics.publish('AAPL', '187.20')).to.equal(0);
      expect(topics.names()).to.deep.equal([]);
    });

    it('keeps no slots of ours when it has left its last topic', () => {
      topics.subscribe(alice, 'AAPL');
      topics.subscribe(alice, 'MSFT');

      topics.unsubscribe(alice, 'AAPL');
      expect(alice.listeners('stateChanged')).to.have.lengthOf(1);
      topics.unsubscribe(alice, 'MSFT');

      expect(alice.listeners('stateChanged')).to.have.lengthOf(0);
      expect(alice.listeners('destroyed')).to.have.lengthOf(0);
    });

    it('cannot subscribe when it is a client, or has ended', () => {
      alice.abort();

      expect(topics.subscribe(alice, 'AAPL')).to.equal(false);
      expect(topics.subscribe(KeptSocket.connected(), 'AAPL')).to.equal(false);
      expect(topics.names()).to.deep.equal([]);
    });

    it('is told whether it was subscribed', () => {
      topics.subscribe(alice, 'AAPL');

      expect(topics.unsubscribe(bob, 'AAPL')).to.equal(false);
      expect(topics.unsubscribe(alice, 'MSFT')).to.equal(false);
      expect(topics.unsubscribe(alice, 'AAPL')).to.equal(true);
      expect(topics.unsubscribe(alice, 'AAPL')).to.equal(false);
    });
  });

  it('tells the topics, those of a socket, and who has subscribed', () => {
    topics.subscribe(alice, 'MSFT');
    topics.subscribe(alice, 'AAPL');
    topics.subscribe(bob, 'AAPL');
    topics.publish('TSLA', '248.50', { retain: true });

    expect(topics.names()).to.deep.equal(['MSFT', 'AAPL', 'TSLA']);
    expect(topics.names(alice)).to.deep.equal(['MSFT', 'AAPL']);
    expect(topics.subscribers('AAPL')).to.deep.equal([alice, bob]);
    expect(topics.subscribers('TSLA')).to.deep.equal([]);
  });

  describe('the limits', () => {
    const names: [what: string, name: unknown, isAllowed: boolean][] = [
      ['a character', 'a', true],
      ['128 characters', 'a'.repeat(128), true],
      ['129 characters', 'a'.repeat(129), false],
      ['nothing', '', false],
      ['a space, dots and line breaks', ' a.b\r\n', true],
      ['a pair of surrogates', '\u{1f4c8}', true],
      ['half of one', '\ud83d', false],
      ['a number', 1, false],
      ['null', null, false],
      ['an object', { length: 1 }, false],
    ];
    for (const [what, name, isAllowed] of names) {
      it(`${isAllowed ? 'allow' : 'refuse'} ${what} as a topic`, () => {
        expect(topics.subscribe(alice, name as string)).to.equal(isAllowed);
        expect(topics.publish(name as string, '1')).to.equal(isAllowed ? 1 : -1);
      });
    }

    it('hold for each socket', () => {
      topics.maxTopicsPerSocket = 2;
      const taken = ['a', 'b', 'c', 'a'].map((name) => topics.subscribe(alice, name));

      expect(taken).to.deep.equal([true, true, false, true]);
      expect(topics.subscribe(bob, 'c')).to.equal(true);
      topics.unsubscribe(alice, 'a');
      expect(topics.subscribe(alice, 'c')).to.equal(true);
    });

    it('hold for all topics, with subscribers or a value', () => {
      topics.maxTopics = 2;

      expect(topics.subscribe(alice, 'a')).to.equal(true);
      expect(topics.publish('b', '1', { retain: true })).to.equal(0);
      expect(topics.subscribe(alice, 'c')).to.equal(false);
      expect(topics.publish('c', '1', { retain: true })).to.equal(-1);
      expect(topics.publish('c', '1')).to.equal(0);
      expect(topics.subscribe(bob, 'a')).to.equal(true);
      expect(topics.publish('a', '1', { retain: true })).to.equal(2);
      expect(topics.names()).to.deep.equal(['a', 'b']);
    });

    it('make room again when a topic is nobody’s', () => {
      topics.maxTopics = 1;
      topics.subscribe(alice, 'a');
      topics.unsubscribe(alice, 'a');

      expect(topics.subscribe(bob, 'b')).to.equal(true);
    });

    it('are none when they are negative', () => {
      topics.maxTopics = -1;
      topics.maxTopicsPerSocket = -1;

      for (let count = 0; count < 20_000; count++) topics.subscribe(alice, `topic ${count}`);

      expect(topics.names(alice)).to.have.lengthOf(20_000);
    });
  });
});

import { expect } from 'chai';
import { assert as sinonAssert, restore, spy, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { MOST_UNDER_WAY } from '../../lib/brokers/backlog.ts';
import { messageOf, RemoteBroker } from '../../lib/brokers/remote-broker.ts';
import type { BrokerMessage } from '../../lib/websockets/topic-broker.ts';
import { MOST_CHANGES } from '../../lib/brokers/subscription-changes.ts';
import { rejectionOf } from '../support/rejection-of.ts';

interface Request {
  readonly topic: string;
  readonly resolve: (latest: BrokerMessage | null) => void;
  readonly reject: (error: Error) => void;
}

/** A broker whose far end is the spec. */
class TestBroker extends RemoteBroker {
  readonly asked: string[] = [];
  readonly requests: Request[] = [];
  isClosed = false;
  /** Whether what is sent is never confirmed. */
  isHeld = false;

  constructor() {
    super(['s3cret']);
  }

  protected send(topic: string, payload: Uint8Array): Promise<void> {
    this.asked.push(`send ${topic} ${this.isHeld ? '…' : String(payload)}`);
    return this.isHeld ? new Promise(() => {}) : Promise.resolve();
  }

  protected store(topic: string, payload: Uint8Array): Promise<number> {
    this.asked.push(`store ${topic} ${String(payload)}`);
    return Promise.resolve(7);
  }

  protected putBack(topic: string, payload: Uint8Array, version: number): Promise<number> {
    this.asked.push(`put back ${topic} ${String(payload)} ${version}`);
    return Promise.resolve(8);
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.goDown('Closed.');
  }

  comeUp(): void {
    this.up();
  }

  goDown(reason = 'Gone.'): void {
    this.down(reason);
  }

  tell(topic: string, message: BrokerMessage): void {
    this.received(topic, message);
  }

  complain(error: unknown): void {
    this.fail('It did not work', error);
  }

  protected listen(topic: string): Promise<void> {
    this.asked.push(`listen ${topic}`);
    return this.isHeld ? new Promise(() => {}) : Promise.resolve();
  }

  protected ignore(topic: string): Promise<void> {
    this.asked.push(`ignore ${topic}`);
    return this.isHeld ? new Promise(() => {}) : Promise.resolve();
  }

  protected fetch(topic: string): Promise<BrokerMessage | null> {
    this.asked.push(`fetch ${topic}`);
    return new Promise((resolve, reject) => this.requests.push({ topic, resolve, reject }));
  }
}

describe('RemoteBroker', () => {
  let broker: TestBroker;
  let clock: SinonFakeTimers;

  beforeEach(() => {
    clock = useFakeTimers();
    broker = new TestBroker();
  });

  afterEach(() => {
    restore();
    clock.restore();
  });

  it('makes its subscriptions when the connection is there, before it tells so', () => {
    broker.connected.connect(() => broker.asked.push('connected'));
    broker.subscribe('a');
    broker.subscribe('b');
    broker.unsubscribe('b');
    expect(broker.asked).to.deep.equal(['ignore b']);

    broker.comeUp();
    broker.subscribe('c');

    expect(broker.asked.slice(1)).to.deep.equal(['listen a', 'connected', 'listen c']);
  });

  it('makes them again each time the connection comes back', () => {
    broker.comeUp();
    broker.subscribe('a');
    broker.goDown();
    broker.comeUp();

    expect(broker.asked).to.deep.equal(['listen a', 'listen a']);
  });

  it('holds a topic until each who has subscribed has unsubscribed', () => {
    broker.comeUp();
    broker.subscribe('a');
    broker.subscribe('a');

    broker.unsubscribe('a');
    expect(broker.asked).to.deep.equal(['listen a']);
    broker.unsubscribe('a');
    broker.unsubscribe('a');
    expect(broker.asked).to.deep.equal(['listen a', 'ignore a']);
  });

  it('tells a broker that is slow nothing of subscriptions that have ended meanwhile', () => {
    broker.comeUp();
    broker.isHeld = true;
    for (let i = 0; i < MOST_CHANGES; i++) broker.subscribe(`held ${i}`);
    broker.asked.length = 0;

    for (let i = 0; i < 10_000; i++) {
      broker.subscribe(`brief ${i}`);
      broker.unsubscribe(`brief ${i}`);
    }

    expect(broker.asked).to.deep.equal([]);
  });

  it('delivers nothing of topics that nobody wants', () => {
    const messageReceived = spy();
    broker.messageReceived.connect(messageReceived);
    broker.comeUp();
    broker.subscribe('a');

    broker.tell('a', { content: '1', version: 0 });
    broker.unsubscribe('a');
    broker.tell('a', { content: '2', version: 0 });

    sinonAssert.calledOnceWithExactly(messageReceived, 'a', { content: '1', version: 0 });
  });

  it('delivers nothing with a version that no broker gives', () => {
    const messageReceived = spy();
    broker.messageReceived.connect(messageReceived);
    broker.comeUp();
    broker.subscribe('a');

    for (const version of [Infinity, NaN, 2 ** 53, 0.5]) {
      broker.tell('a', { content: '1', version });
    }

    sinonAssert.notCalled(messageReceived);
  });

  it('sends, stores and puts back what brokers can carry', async () => {
    broker.comeUp();

    broker.publish('a', 'A');
    const version = await broker.retain('a', Uint8Array.of(1));
    await broker.retain('a', null);
    await broker.restore('a', 'A', 5);

    expect(version).to.equal(7);
    expect(broker.asked).to.deep.equal([
      'send a tA',
      'store a b\u0001',
      'store a c',
      'put back a tA 5',
    ]);
  });

  it('is given nothing while it is away', async () => {
    broker.publish('a', '1');
    const rejections = await Promise.all([
      rejectionOf(broker.retain('a', '2')),
      rejectionOf(broker.restore('a', '3', 1)),
    ]);

    expect(rejections.map((error) => (error as Error).message)).to.deep.equal(
      Array(2).fill('The broker cannot be reached.'),
    );
    expect(broker.asked).to.deep.equal([]);
  });

  it('tells how many messages it has dropped when it is behind, and keeps the latest value', async () => {
    const told = spy();
    broker.errorOccurred.connect(told);
    broker.comeUp();
    broker.isHeld = true;

    const half = 'x'.repeat(MOST_UNDER_WAY / 2 - 1);
    broker.publish('a', half);
    broker.publish('a', half);
    broker.publish('a', '1');
    const rejection = rejectionOf(broker.retain('a', '2'));
    broker.goDown();

    expect(await rejection).to.be.instanceOf(Error);
    expect(told.args.flat()).to.deep.equal([
      'The broker is behind: it gets no messages but the latest values.',
      'While the broker was behind, messages were dropped: 1.',
    ]);
    expect(broker.asked).to.have.lengthOf(2);
  });

  it('tells of a message that is longer than 8 MiB, and neither sends nor stores it', async () => {
    const told = spy();
    broker.errorOccurred.connect(told);
    broker.comeUp();

    const long = 'x'.repeat(8 * 1024 * 1024);
    broker.publish('a', long);
    await rejectionOf(broker.retain('a', long));

    expect(told.args.flat()).to.deep.equal([
      'A message on "a" was not sent: It is longer than 8 MiB.',
      'The value of "a" was not retained: It is longer than 8 MiB.',
    ]);
    expect(broker.asked).to.deep.equal([]);
  });

  describe('asked for a latest value', () => {
    beforeEach(() => {
      broker.comeUp();
      broker.subscribe('a');
    });

    it('tells it', async () => {
      const latest = broker.latest('a');
      broker.requests[0]!.resolve({ content: '1', version: 7 });

      expect(await latest).to.deep.equal({ content: '1', version: 7 });
    });

    it('asks for 32 at a time', async () => {
      for (let count = 0; count < 40; count++) {
        broker.subscribe(`topic ${count}`);
        void broker.latest(`topic ${count}`);
      }
      expect(broker.requests).to.have.lengthOf(32);

      broker.requests[3]!.resolve(null);
      broker.requests[4]!.resolve(null);
      await clock.tickAsync(0);

      expect(broker.requests).to.have.lengthOf(34);
    });

    it('gives questions up at once that wait for others, when nobody wants their topic', async () => {
      for (let i = 0; i < 34; i++) broker.subscribe(`topic ${i}`);
      for (let i = 0; i < 32; i++) void broker.latest(`topic ${i}`).catch(() => {});
      const [given, kept] = [broker.latest('topic 32'), broker.latest('topic 33')];
      broker.unsubscribe('topic 32');

      expect(await rejectionOf(given)).to.have.property(
        'message',
        'Nobody asks for "topic 32" any more.',
      );
      expect(broker.requests.map(({ topic }) => topic)).to.not.include('topic 33');
      broker.requests[0]!.resolve(null);
      await clock.tickAsync(0);
      broker.requests[32]!.resolve(null);
      expect([await kept, broker.requests.length]).to.deep.equal([null, 33]);
    });

    it('has questions after one topic share the one that waits', async () => {
      for (let count = 0; count < 32; count++) void broker.latest('a');
      const answers = [broker.latest('a'), broker.latest('a'), broker.latest('a')];

      for (const { resolve } of broker.requests.slice(0, 3)) resolve(null);
      await clock.tickAsync(0);
      expect(broker.requests).to.have.lengthOf(33);
      broker.requests[32]!.resolve({ content: '1', version: 7 });

      for (const answer of answers) {
        expect(await answer).to.deep.equal({ content: '1', version: 7 });
      }
    });

    it('asks for others while it waits to ask again', async () => {
      for (let count = 0; count < 33; count++) {
        broker.subscribe(`topic ${count}`);
        broker.latest(`topic ${count}`).catch(() => {});
      }
      for (const { reject } of broker.requests.slice(0, 32)) reject(new Error('Broken.'));
      await clock.tickAsync(0);
      expect(broker.requests.map(({ topic }) => topic).slice(32)).to.deep.equal(['topic 32']);

      await clock.tickAsync(500);
      expect(broker.requests).to.have.lengthOf(64);
      broker.requests[32]!.resolve(null);
      await clock.tickAsync(0);

      expect(broker.requests).to.have.lengthOf(65);
    });

    it('asks again after half a second when that has failed, and tells', async () => {
      const errorOccurred = spy();
      broker.errorOccurred.connect(errorOccurred);
      const latest = broker.latest('a');
      broker.requests[0]!.reject(new Error('Too busy.'));
      await clock.tickAsync(499);
      expect(broker.requests).to.have.lengthOf(1);

      await clock.tickAsync(1);
      broker.requests[1]!.resolve(null);
      expect(await latest).to.equal(null);
      sinonAssert.calledOnceWithExactly(
        errorOccurred,
        'The latest value of "a" is not known: Too busy.',
      );
    });

    for (const [when, change] of [
      ['nobody wants it any more', () => broker.unsubscribe('a')],
      ['the broker has gone', () => broker.goDown()],
      [
        'the broker has gone and come back',
        () => {
          broker.goDown();
          broker.comeUp();
        },
      ],
    ] as const) {
      it(`gives up when ${when}`, async () => {
        const ending = rejectionOf(broker.latest('a'));
        broker.requests[0]!.reject(new Error('Too busy.'));
        change();
        await clock.tickAsync(500);

        expect(await ending).to.be.instanceOf(Error);
        expect(broker.requests).to.have.lengthOf(1);
      });
    }
  });

  it('tells once that it is there, or not, and why', () => {
    const connected = spy();
    const disconnected = spy();
    broker.connected.connect(connected);
    broker.disconnected.connect(disconnected);

    broker.goDown();
    broker.comeUp();
    broker.comeUp();
    expect(broker.isConnected()).to.equal(true);
    broker.goDown('Socket closed.');
    broker.goDown();

    expect(broker.isConnected()).to.equal(false);
    sinonAssert.calledOnce(connected);
    sinonAssert.calledOnceWithExactly(disconnected, 'Socket closed.');
  });

  it('tells nothing of errors that only follow from its absence', () => {
    const errorOccurred = spy();
    broker.errorOccurred.connect(errorOccurred);

    broker.complain(new Error('Offline.'));

    sinonAssert.notCalled(errorOccurred);
  });

  it('tells no secret that the broker has repeated', () => {
    const told: string[] = [];
    broker.errorOccurred.connect((text) => told.push(text));
    broker.disconnected.connect((text) => told.push(text));
    broker.comeUp();

    broker.complain(new Error('AUTH s3cret is unknown.'));
    broker.goDown('AUTH s3cret is unknown.');

    expect(told).to.deep.equal(['It did not work: AUTH *** is unknown.', 'AUTH *** is unknown.']);
  });

  it('is closed when it is destroyed, and stays so', () => {
    broker.comeUp();

    broker[Symbol.dispose]();
    broker.comeUp();

    expect(broker.isClosed).to.equal(true);
    expect(broker.isConnected()).to.equal(false);
  });
});

describe('messageOf()', () => {
  it('finds words in whatever was thrown', () => {
    const several = new AggregateError([new Error('refused'), new Error('unreachable')]);

    expect(messageOf(new Error('refused'))).to.equal('refused');
    expect(messageOf(several)).to.equal('refused');
    expect(messageOf('text')).to.equal('text');
    expect(messageOf(undefined)).to.equal('undefined');
  });

  it('tells the reason of OpenSSL without its source', () => {
    const error = Object.assign(new Error('80:error:0A00010B:SSL routines::wrong version\n'), {
      library: 'SSL routines',
      reason: 'wrong version number',
    });

    expect(messageOf(error)).to.equal('TLS: wrong version number');
  });
});

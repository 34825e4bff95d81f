import { expect } from 'chai';
import sinon from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { BackPressure, type BackPressureOptions } from '../../lib/websockets/back-pressure.ts';
import { ConnectionError } from '../../lib/websockets/connection-error.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { QueuePolicy } from '../../lib/websockets/queue-policy.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { logSignals } from '../support/signal-log.ts';
import { slotsOf } from '../support/slots-of.ts';
import { uncaughtErrors } from '../support/uncaught.ts';

// Four messages of ten bytes wait at the socket.
const MARKS = { highWaterMark: 30, lowWaterMark: 10 };

describe('BackPressure', () => {
  let socket: KeptSocket;
  let pressure: BackPressure;

  beforeEach(() => {
    socket = stalled();
    use({});
  });

  afterEach(() => {
    pressure[Symbol.dispose]();
  });

  function use(options: BackPressureOptions): void {
    pressure = new BackPressure({ ...MARKS, ...options });
  }

  /** Messages of ten bytes each, for as long as the socket takes them itself. */
  function congest(): void {
    for (let index = 0; index < 4; index++) pressure.send(socket, ten(`sent ${index}`));
  }

  it('has marks and limits', () => {
    const ordinary = new BackPressure();

    expect(ordinary.highWaterMark()).to.equal(65_536);
    expect(ordinary.lowWaterMark()).to.equal(16_384);
    expect(ordinary.maxMessages()).to.equal(10_000);
    expect(ordinary.maxBytes()).to.equal(1_048_576);
    expect(pressure.highWaterMark()).to.equal(30);
    expect(pressure.lowWaterMark()).to.equal(10);
  });

  for (const options of [
    { highWaterMark: -1 },
    { highWaterMark: 10, lowWaterMark: 11 },
    { lowWaterMark: NaN },
    { maxMessages: -1 },
    { maxBytes: NaN },
  ]) {
    it(`takes no ${JSON.stringify(options)}`, () => {
      expect(() => new BackPressure(options)).to.throw(RangeError);
    });
  }

  describe('send()', () => {
    it('sends at once while the socket is not congested', () => {
      expect(pressure.send(socket, 'text')).to.equal(true);
      expect(pressure.send(socket, Uint8Array.of(1, 2))).to.equal(true);
      expect(pressure.send(socket, QWebSocketPreparedMessage.fromText('made'))).to.equal(true);

      expect(sent(socket)).to.deep.equal(['text', [1, 2], 'made']);
      expect(slotsOf(socket)).to.equal(0);
    });

    it('sends empty messages', () => {
      for (const empty of ['', new Uint8Array(), QWebSocketPreparedMessage.fromText('')]) {
        expect(pressure.send(socket, empty)).to.equal(true);
      }
      expect(pressure.droppedMessages()).to.equal(0);
    });

    it('tells that the socket is congested with the message that makes it so', () => {
      const slot = sinon.spy();
      pressure.congested.connect(slot);
      for (let index = 0; index < 3; index++) pressure.send(socket, ten(index));
      sinon.assert.notCalled(slot);
      pressure.send(socket, ten(3));

      sinon.assert.calledOnceWithExactly(slot, socket);
      expect(pressure.isCongested(socket)).to.equal(true);
    });

    it('asks the system to take what was sent in this turn before it says so', () => {
      sinon.replace(socket.backend, 'flush', () => {
        socket.backend.waiting = 0;
        return true;
      });
      congest();

      expect(pressure.isCongested(socket)).to.equal(false);
    });

    it('keeps what comes from then on', () => {
      congest();

      expect(pressure.send(socket, 'more')).to.equal(true);
      expect(sent(socket)).to.have.lengthOf(4);
      expect(pressure.waitingMessages(socket)).to.equal(1);
      expect(pressure.waitingBytes(socket)).to.equal(4);
    });

    it('keeps a copy of bytes', () => {
      congest();
      const bytes = Uint8Array.of(1, 2);
      pressure.send(socket, bytes);
      bytes.fill(0);
      socket.backend.take();

      expect(sent(socket).at(-1)).to.deep.equal([1, 2]);
    });

    it('keeps what comes when the application has filled the socket by other ways', () => {
      for (let index = 0; index < 4; index++) socket.sendTextMessage(ten(index));
      const slot = sinon.spy(() => pressure.waitingMessages(socket));
      pressure.congested.connect(slot);

      expect(pressure.send(socket, 'more')).to.equal(true);
      sinon.assert.calledOnce(slot);
      expect(slot.firstCall.returnValue).to.equal(1);
    });

    it('does not say that a socket is congested whose connection it has closed', () => {
      use({ maxMessages: 0 });
      socket.sendTextMessage('x'.repeat(31));
      const slot = sinon.spy();
      pressure.congested.connect(slot);

      expect(pressure.send(socket, 'more')).to.equal(false);
      expect(socket.closeCode()).to.equal(1013);
      sinon.assert.notCalled(slot);
    });

    it('sends nothing while there is no connection', () => {
      socket.abort();

      expect(pressure.send(socket, 'text')).to.equal(false);
      expect(pressure.droppedMessages(socket)).to.equal(0);
    });

    it('says when the socket does not take a message', () => {
      socket.backend.isRoomy = false;

      expect(pressure.send(socket, QWebSocketPreparedMessage.fromText('made'))).to.equal(false);
      expect(pressure.droppedMessages(socket)).to.equal(1);
    });

    it('refuses what is neither text nor bytes', () => {
      expect(() => pressure.send(socket, 5 as never)).to.throw(TypeError);
      congest();
      expect(() => pressure.send(socket, 5 as never)).to.throw(TypeError);
    });

    it('keeps below the backlog limit of the socket', () => {
      socket.setBacklogLimit(15);
      pressure.send(socket, ten(0));
      pressure.send(socket, ten(1));

      expect(pressure.isCongested(socket)).to.equal(true);
      socket.backend.take(10);
      expect(pressure.isCongested(socket)).to.equal(false);
    });
  });

  describe('a peer that reads on', () => {
    it('gets what waits when no more than the low-water mark is left', () => {
      congest();
      for (let index = 0; index < 6; index++) pressure.send(socket, ten(index));
      socket.backend.take(20);
      expect(sent(socket)).to.have.lengthOf(4);
      socket.backend.take(10);

      expect(sent(socket).slice(4)).to.deep.equal([0, 1, 2].map(ten));
      expect(pressure.waitingMessages(socket)).to.equal(3);
    });

    it('has drained when nothing waits any more', () => {
      const slot = sinon.spy();
      pressure.drained.connect(slot);
      congest();
      pressure.send(socket, ten(4));
      pressure.send(socket, ten(5));
      socket.backend.take();
      sinon.assert.notCalled(slot);
      socket.backend.take(10);

      sinon.assert.calledOnceWithExactly(slot, socket);
      expect(pressure.isCongested(socket)).to.equal(false);
      expect(slotsOf(socket)).to.equal(0);
    });

    it('has its messages in order when a slot sends in between', () => {
      congest();
      pressure.send(socket, 'kept');
      socket.bytesWritten.connect(() => pressure.send(socket, 'by a slot'));
      socket.backend.take();

      expect(sent(socket).slice(4)).to.deep.equal(['kept', 'by a slot']);
    });

    it('gets no message twice from a slot that sends as soon as it has drained', () => {
      let count = 0;
      pressure.drained.connect(() => {
        if (count < 3) pressure.send(socket, 'x'.repeat(31) + String(count++));
      });
      congest();
      for (let turn = 0; turn < 5; turn++) socket.backend.take();

      expect(sent(socket).slice(4)).to.deep.equal([0, 1, 2].map((n) => 'x'.repeat(31) + String(n)));
    });

    it('gets any number of messages in a row that the system takes as they come', () => {
      use({ maxMessages: Infinity, maxBytes: Infinity });
      congest();
      for (let index = 0; index < 20_000; index++) pressure.send(socket, ten(index));
      const { backend } = socket;
      backend.sendText = (message) => {
        backend.waiting += message.length;
        backend.take();
        return message.length;
      };
      backend.take();

      expect(pressure.waitingMessages(socket)).to.equal(0);
      expect(pressure.isCongested(socket)).to.equal(false);
    });

    it('is noticed with the next message while the signals of the socket are blocked', () => {
      congest();
      socket.blockSignals(true);
      socket.backend.take();
      pressure.send(socket, 'next');

      expect(sent(socket).at(-1)).to.equal('next');
      expect(pressure.isCongested(socket)).to.equal(false);
    });
  });

  describe('the policy', () => {
    it('closes the connection with 1013 by default', () => {
      use({ maxMessages: 2 });
      congest();
      const log = logSignals(socket);
      const answers = [0, 1, 2].map((index) => pressure.send(socket, ten(index)));

      expect(answers).to.deep.equal([true, true, false]);
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      expect(socket.closeCode()).to.equal(1013);
      expect(socket.closeReason()).to.equal('The peer reads too slowly: 2 messages wait.');
      expect(pressure.droppedMessages(socket)).to.equal(3);
      expect(pressure.isCongested(socket)).to.equal(false);
    });

    it('drops the newest', () => {
      use({ maxMessages: 1, policy: QueuePolicy.DropNewest });
      congest();
      const answers = ['first', 'second'].map((message) => pressure.send(socket, message));
      socket.backend.take();

      expect(answers).to.deep.equal([true, false]);
      expect(sent(socket).at(-1)).to.equal('first');
      expect(pressure.droppedMessages(socket)).to.equal(1);
    });

    it('drops the oldest', () => {
      use({ maxMessages: 1, policy: QueuePolicy.DropOldest });
      congest();
      const answers = ['first', 'second'].map((message) => pressure.send(socket, message));
      socket.backend.take();

      expect(answers).to.deep.equal([true, true]);
      expect(sent(socket).at(-1)).to.equal('second');
      expect(pressure.droppedMessages(socket)).to.equal(1);
    });

    it('keeps the latest value of each key', () => {
      use({ policy: QueuePolicy.LatestPerKey });
      congest();
      for (const [key, value] of ['a1', 'b1', 'a2']) pressure.send(socket, key! + value!, { key });
      socket.backend.take();

      expect(sent(socket).slice(4)).to.deep.equal(['a2', 'b1']);
      expect(pressure.droppedMessages(socket)).to.equal(1);
    });

    it('closes the connection when there are too many keys', () => {
      use({ maxMessages: 1, policy: QueuePolicy.LatestPerKey });
      congest();
      pressure.send(socket, 'a', { key: 'a' });

      expect(pressure.send(socket, 'b', { key: 'b' })).to.equal(false);
      expect(socket.closeCode()).to.equal(1013);
    });

    it('may be another one for each socket', () => {
      const policy = sinon.spy((which: QWebSocketBase) =>
        which === socket ? QueuePolicy.DropNewest : QueuePolicy.Disconnect,
      );
      use({ policy, maxMessages: 0 });
      const other = stalled();
      for (const which of [socket, other]) {
        for (let index = 0; index < 5; index++) pressure.send(which, ten(index));
      }

      expect(socket.state()).to.equal(SocketState.ConnectedState);
      expect(other.state()).to.equal(SocketState.ClosingState);
      sinon.assert.calledTwice(policy);
    });

    it('throws to the sender what its function throws', () => {
      use({
        policy: () => {
          throw new Error('which?');
        },
      });

      expect(congest).to.throw('which?');
      expect(pressure.isCongested(socket)).to.equal(false);
    });
  });

  describe('a connection that ends', () => {
    const endings: Record<string, () => void> = {
      'is closed': () => socket.close(),
      'is aborted': () => socket.abort(),
      'is destroyed': () => socket[Symbol.dispose](),
      'is destroyed without a word': () => {
        socket.blockSignals(true);
        socket[Symbol.dispose]();
      },
    };
    for (const [how, end] of Object.entries(endings)) {
      it(`leaves nothing behind when it ${how}`, () => {
        congest();
        pressure.send(socket, 'kept');
        end();

        expect(pressure.isCongested(socket)).to.equal(false);
        expect(pressure.waitingMessages(socket)).to.equal(0);
        expect(pressure.droppedMessages(socket)).to.equal(1);
        expect(slotsOf(socket)).to.equal(0);
      });
    }

    it('has nothing to do with the next one', () => {
      congest();
      pressure.send(socket, 'kept');
      socket.abort();
      socket.backend.waiting = 0;
      socket.connect();
      pressure.send(socket, 'new');
      socket.backend.take();

      expect(sent(socket).slice(4)).to.deep.equal(['new']);
      expect(pressure.droppedMessages(socket)).to.equal(1);
    });

    it('may be ended by a slot of congested', () => {
      use({ maxMessages: 0, policy: QueuePolicy.DropNewest });
      pressure.congested.connect((which) => which.abort());
      congest();

      expect(sent(socket)).to.have.lengthOf(4);
      expect(pressure.isCongested(socket)).to.equal(false);
    });

    it('may be ended by a slot of drained', () => {
      pressure.drained.connect((which) => which[Symbol.dispose]());
      congest();
      pressure.send(socket, 'kept');
      socket.backend.take();

      expect(sent(socket).at(-1)).to.equal('kept');
      expect(pressure.send(socket, 'more')).to.equal(false);
    });

    it('may end with the message that is being sent', () => {
      const slot = sinon.spy();
      pressure.congested.connect(slot);
      sinon.replace(socket.backend, 'sendText', () => {
        socket.backend.waiting = 100;
        socket.close();
        return 4;
      });

      pressure.send(socket, 'last');
      sinon.assert.notCalled(slot);
      expect(slotsOf(socket)).to.equal(0);
    });

    it('may be followed by another one while messages are being released', () => {
      const slot = sinon.spy();
      pressure.drained.connect(slot);
      congest();
      pressure.send(socket, 'kept');
      sinon.replace(socket.backend, 'sendText', () => {
        socket.abort();
        socket.connect();
        return 4;
      });
      socket.backend.take();

      sinon.assert.notCalled(slot);
      expect(pressure.isCongested(socket)).to.equal(false);
    });

    it('is noticed with the next message while the signals of the socket are blocked', () => {
      const slot = sinon.spy();
      pressure.drained.connect(slot);
      congest();
      pressure.send(socket, 'kept');
      socket.blockSignals(true);
      socket.abort();
      socket.backend.waiting = 0;

      expect(pressure.send(socket, 'more')).to.equal(false);
      expect(pressure.waitingMessages(socket)).to.equal(0);
      sinon.assert.notCalled(slot);
    });

    it('may be ended by a slot while messages are being released', () => {
      congest();
      for (let index = 0; index < 3; index++) pressure.send(socket, ten(index));
      sinon.replace(socket.backend, 'sendText', () => {
        socket.abort();
        return 0;
      });
      socket.backend.take();

      expect(pressure.isCongested(socket)).to.equal(false);
      expect(pressure.droppedMessages(socket)).to.equal(3);
    });
  });

  it('goes on when a slot throws', async () => {
    pressure.congested.connect(() => {
      throw new Error('of a slot');
    });
    const errors = await uncaughtErrors(congest);

    expect(errors).to.have.lengthOf(1);
    expect(pressure.isCongested(socket)).to.equal(true);
  });

  it('forgets what waits under a key', () => {
    congest();
    pressure.send(socket, 'a', { key: 'a' });
    pressure.send(socket, 'b', { key: 'b' });
    pressure.discard(socket, 'a');
    pressure.discard(stalled(), 'a');
    socket.backend.take();

    expect(sent(socket).slice(4)).to.deep.equal(['b']);
    expect(pressure.droppedMessages()).to.equal(0);
  });

  it('counts what was dropped, for one socket and for all', () => {
    use({ maxMessages: 0, policy: QueuePolicy.DropNewest });
    congest();
    const other = stalled();
    for (let index = 0; index < 6; index++) pressure.send(other, ten(index));
    pressure.send(socket, 'more');

    expect(pressure.droppedMessages(socket)).to.equal(1);
    expect(pressure.droppedMessages(other)).to.equal(2);
    expect(pressure.droppedMessages()).to.equal(3);
  });

  describe('broadcast()', () => {
    it('sends to all sockets of a list, and counts them', () => {
      const others = [stalled(), stalled()];
      others[0]!.abort();

      expect(pressure.broadcast([socket, ...others], 'news')).to.equal(2);
      expect(sent(socket)).to.deep.equal(['news']);
      expect(sent(others[1]!)).to.deep.equal(['news']);
    });

    it('has each socket do as its peer reads', () => {
      use({ policy: QueuePolicy.LatestPerKey });
      const quick = new KeptSocket();
      quick.connect();
      const both = new Set([socket, quick]);
      congest();
      for (const price of ['1', '2', '3']) pressure.broadcast(both, price, { key: 'ACME' });

      expect(sent(quick)).to.deep.equal(['1', '2', '3']);
      expect(sent(socket)).to.have.lengthOf(4);
      socket.backend.take();
      expect(sent(socket).slice(4)).to.deep.equal(['3']);
    });

    it('asks a filter about all of them before the first one gets it', () => {
      const other = stalled();
      const filter = sinon.spy((which: QWebSocketBase) => {
        expect(sent(socket)).to.deep.equal([]);
        return which === socket;
      });

      expect(pressure.broadcast([socket, other], 'news', { filter })).to.equal(1);
      sinon.assert.calledTwice(filter);
    });

    it('takes bytes, of which each socket has the same copy', () => {
      const bytes = Uint8Array.of(1, 2);
      congest();
      pressure.broadcast([socket], bytes);
      bytes.fill(0);
      socket.backend.take();

      expect(sent(socket).at(-1)).to.deep.equal([1, 2]);
    });

    it('reaches all before a slot that learns of congestion can send more', () => {
      const other = KeptSocket.connected();
      pressure.congested.connect(() => pressure.broadcast([socket, other], 'second'));
      pressure.broadcast([socket, other], 'first'.padEnd(31));

      expect(sent(other)).to.deep.equal(['first'.padEnd(31), 'second']);
    });

    it('reaches all before a slot that learns of a connection that is closed can send more', () => {
      use({ maxMessages: 0 });
      const other = KeptSocket.connected();
      socket.aboutToClose.connect(() => pressure.broadcast([socket, other], 'it leaves'));
      congest();
      pressure.broadcast([socket, other], 'first');

      expect(socket.closeCode()).to.equal(1013);
      expect(sent(other)).to.deep.equal(['first', 'it leaves']);
    });

    it('leaves a connection alone that a slot has begun meanwhile', () => {
      use({ maxMessages: 0 });
      const other = stalled();
      const both = [socket, other];
      for (let index = 0; index < 4; index++) pressure.broadcast(both, ten(index));
      socket.aboutToClose.connect(() => {
        other.abort();
        other.open('ws://server.example/');
      });
      pressure.broadcast(both, 'too much');

      expect(socket.closeCode()).to.equal(1013);
      expect(other.state()).to.equal(SocketState.ConnectingState);
    });

    it('goes on when a socket throws', async () => {
      const other = stalled();
      sinon.replace(socket.backend, 'sendPrepared', () => {
        throw new Error('of a stream');
      });
      let count: number | undefined;
      const errors = await uncaughtErrors(() => {
        count = pressure.broadcast([socket, other], 'news');
      });

      expect(count).to.equal(1);
      expect(errors).to.have.lengthOf(1);
      expect(sent(other)).to.deep.equal(['news']);
    });
  });

  describe('waitForDrained()', () => {
    it('is resolved at once while the socket is not congested', async () => {
      await pressure.waitForDrained(socket);
    });

    it('is resolved when the socket has drained', async () => {
      congest();
      pressure.send(socket, 'kept');
      let isOver = false;
      const wait = pressure.waitForDrained(socket).then(() => (isOver = true));
      socket.backend.take(20);
      await Promise.resolve();
      expect(isOver).to.equal(false);
      socket.backend.take();
      await wait;

      expect(sent(socket).at(-1)).to.equal('kept');
      expect(slotsOf(socket)).to.equal(0);
    });

    it('is rejected when the connection ends', async () => {
      congest();
      const failure = rejectionOf(pressure.waitForDrained(socket));
      socket.abort();

      expect(await failure).to.be.instanceOf(ConnectionError);
    });

    it('is rejected when the peer is too slow', async () => {
      use({ maxMessages: 0 });
      congest();
      const failure = rejectionOf(pressure.waitForDrained(socket));
      pressure.send(socket, 'more');
      socket.backend.take(5);
      socket.backend.connection().closed();

      expect(await failure).to.have.property('closeCode', 1013);
    });

    it('is rejected when there is no connection', async () => {
      socket.abort();

      expect(await rejectionOf(pressure.waitForDrained(socket))).to.be.instanceOf(ConnectionError);
    });

    it('is rejected with the reason of an abort signal', async () => {
      congest();
      const controller = new AbortController();
      const { signal } = controller;
      const failure = rejectionOf(pressure.waitForDrained(socket, { signal }));
      controller.abort('enough');

      expect(await failure).to.equal('enough');
      expect(await rejectionOf(pressure.waitForDrained(socket, { signal }))).to.equal('enough');
    });
  });

  it('lets go of everything when it is destroyed', () => {
    const parent = new QObject();
    pressure = new BackPressure(MARKS, parent);
    congest();
    pressure.send(socket, 'kept');
    parent[Symbol.dispose]();

    expect(slotsOf(socket)).to.equal(0);
    expect(pressure.waitingMessages(socket)).to.equal(0);
    expect(pressure.send(socket, 'more')).to.equal(false);
    expect(socket.state()).to.equal(SocketState.ConnectedState);
  });
});

/** A connected socket of which nothing is taken until the spec does so. */
function stalled(): KeptSocket {
  const socket = KeptSocket.connected();
  socket.backend.isStalled = true;
  return socket;
}

/** A message of ten bytes. */
function ten(label: unknown): string {
  return String(label).padEnd(10, '.');
}

/** What the socket was given to send. */
function sent({ backend }: KeptSocket): unknown[] {
  return backend.asked.filter(([name]) => String(name).startsWith('send')).map(([, what]) => what);
}

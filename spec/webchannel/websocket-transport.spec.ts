import { expect } from 'chai';
import { setTimeout } from 'node:timers/promises';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import { BacklogPolicy } from '../../lib/network/backlog-policy.ts';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import { holdBack } from '../../lib/websockets/qwebsocket-base.ts';
import { WebSocketTransport } from '../../lib/webchannel/websocket-transport.ts';
import { emitted } from '../support/emitted.ts';
import { SocketPair } from '../support/socket-pair.ts';

describe('WebSocketTransport', () => {
  let pair: SocketPair;
  let transport: WebSocketTransport;

  beforeEach(async () => {
    pair = await SocketPair.connect();
    transport = new WebSocketTransport(pair.accepted);
  });

  afterEach(() => {
    pair.close();
  });

  it('sends messages as JSON', async () => {
    const received = emitted(pair.client.textMessageReceived);

    transport.sendMessage({ type: 4, text: '再见' });

    expect(await received).to.deep.equal(['{"type":4,"text":"再见"}']);
  });

  const texts: Record<string, [text: string, message: unknown]> = {
    'an object': ['{"type": 4}', { type: 4 }],
    'what is no object': ['[1]', [1]],
    'nothing for what is no JSON': ['{"type": 4', undefined],
    'nothing for an empty text': ['', undefined],
  };
  for (const [what, [text, message]] of Object.entries(texts)) {
    it(`brings ${what}`, async () => {
      const received = emitted(transport.messageReceived);

      pair.client.sendTextMessage(text);

      expect(await received).to.deep.equal([message, transport]);
    });
  }

  it('ends with the connection, and takes the socket with it', async () => {
    const gone = Promise.all([emitted(transport.destroyed), emitted(pair.accepted.destroyed)]);

    pair.client.abort();

    await gone;
  });

  it('ends when the connection has ended before', async () => {
    const other = await SocketPair.connect();
    other.client.abort();
    await emitted(other.accepted.disconnected);

    await emitted(new WebSocketTransport(other.accepted).destroyed);
    other.close();
  });

  it('ends when the socket has been destroyed before', async () => {
    pair.accepted[Symbol.dispose]();
    const late = new WebSocketTransport(pair.accepted);
    late.sendMessage({ type: 4 });

    await emitted(late.destroyed);
  });

  it('hears nothing while a lot waits for the client, and goes on when it does not', async () => {
    const heard: unknown[] = [];
    transport.messageReceived.connect((message) => {
      heard.push(message);
      if (heard.length === 1) {
        for (let time = 0; time < 100; time++) transport.sendMessage({ a: 'x'.repeat(100_000) });
      }
    });
    let received = 0;
    let heardWhenAllHadCome = 0;
    pair.client.textMessageReceived.connect(() => {
      received++;
      if (received === 1) expect(heard).to.have.lengthOf(1);
      if (received === 100) heardWhenAllHadCome = heard.length;
    });

    pair.client.sendTextMessage('1');
    await emitted(transport.messageReceived);
    pair.client.sendTextMessage('2');

    await emitted(transport.messageReceived);
    expect(heard).to.deep.equal([1, 2]);
    expect(pair.accepted.bytesToWrite()).to.be.at.most(64 * 1024);
    expect(heardWhenAllHadCome).to.be.at.most(2);
  });

  describe('whose client reads nothing', () => {
    let clock: SinonFakeTimers;

    beforeEach(async () => {
      clock = useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      holdBack(pair.client);
      for (let time = 0; time < 100; time++) transport.sendMessage({ a: 'x'.repeat(100_000) });
      await stuck();
    });

    afterEach(() => {
      clock.restore();
    });

    /** Waits until the system takes no more. */
    async function stuck(): Promise<void> {
      for (let times = 0; times < 20; times++) {
        const before = pair.accepted.bytesToWrite();
        await setTimeout(5);
        if (pair.accepted.bytesToWrite() !== before || before === 10_000_000) times = 0;
      }
    }

    it('gives it up after a minute', () => {
      clock.tick(59_000);
      expect(pair.accepted.state()).to.equal(SocketState.ConnectedState);

      clock.tick(1_000);

      expect(pair.accepted.state()).to.equal(SocketState.UnconnectedState);
    });

    it('finds within a second that it has gone', async () => {
      pair.client.abort();
      while (pair.accepted.bytesToWrite() > 0) await setTimeout(1);
      const ended = emitted(transport.destroyed);

      clock.tick(1_000);

      expect(pair.accepted.state()).to.equal(SocketState.UnconnectedState);
      await ended;
      expect(clock.countTimers()).to.equal(0);
    });
  });

  it('has a limit to what may wait for a client', async () => {
    expect([pair.accepted.backlogLimit(), pair.accepted.backlogPolicy()]).to.deep.equal([
      16 * 1024 * 1024,
      BacklogPolicy.Disconnect,
    ]);
  });

  it('leaves a limit alone that the socket has already', async () => {
    const other = await SocketPair.connect();
    other.accepted.setBacklogLimit(1000);

    void new WebSocketTransport(other.accepted);

    expect(other.accepted.backlogLimit()).to.equal(1000);
    expect(other.accepted.backlogPolicy()).to.equal(BacklogPolicy.RefuseMessages);
    other.close();
  });
});

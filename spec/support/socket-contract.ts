import { expect } from 'chai';
import { disconnect } from '../../lib/core/connect.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { BackPressure } from '../../lib/websockets/back-pressure.ts';
import { drained } from '../../lib/websockets/drained.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { emitted } from './emitted.ts';
import { logSignals } from './signal-log.ts';
import { wordsOf } from './words-of.ts';

/**
 * A server that sends every message back.
 *
 * It knows three things more: the text `close! 4001 why` makes it close with that code and reason,
 * `close!` without any, and `vanish!` cuts the connection. Of the subprotocols it takes `chat`.
 */
export interface EchoPeer {
  readonly url: string;
  stop(): unknown;
}

/** Where platforms differ, and may. */
export interface Conduct {
  /** Whether messages still come that the peer has sent before it learnt of close(). */
  readonly hearsWhileClosing: boolean;
}

// What not every backend can tell, or tells in pieces of its own.
const UNCOUNTED = ['bytesWritten', 'error'] as const;

/**
 * What every QWebSocket does, whatever backs it.
 *
 * @param makeSocket makes a socket that was never opened.
 * @param startEchoPeer starts a peer for each spec.
 */
export function itBehavesLikeAQWebSocket(
  makeSocket: () => QWebSocketBase,
  startEchoPeer: () => Promise<EchoPeer>,
  conduct: Conduct = { hearsWhileClosing: true },
): void {
  let peer: EchoPeer;
  let socket: QWebSocketBase;

  beforeEach(async () => {
    peer = await startEchoPeer();
    socket = makeSocket();
  });

  afterEach(async () => {
    socket.abort();
    await peer.stop();
  });

  async function connect(): Promise<void> {
    const done = emitted(socket.connected);
    socket.open(peer.url);
    await done;
  }

  /** Sends `message` and waits for it to come back. */
  async function echo(message: string): Promise<string> {
    // What was sent before comes back as well.
    const answer = new Promise<string>((resolve) => {
      const connection = socket.textMessageReceived.connect((text) => {
        if (text !== message || !disconnect(connection)) return;
        resolve(text);
      });
    });
    socket.sendTextMessage(message);
    return answer;
  }

  async function echoBytes(message: Uint8Array): Promise<Uint8Array> {
    const answer = emitted(socket.binaryMessageReceived);
    socket.sendBinaryMessage(message);
    const [bytes] = await answer;
    return bytes;
  }

  describe('opening', () => {
    it('tells of the states, and then that it is connected', async () => {
      const log = logSignals(socket, UNCOUNTED);
      socket.open(peer.url);
      expect(socket.state()).to.equal(SocketState.ConnectingState);
      await emitted(socket.connected);

      expect(log).to.deep.equal(['stateChanged Connecting', 'stateChanged Connected', 'connected']);
      expect(socket.isValid()).to.equal(true);
      expect(socket.requestUrl().toString()).to.equal(peer.url);
    });

    it('sends nothing before it is connected', async () => {
      const done = emitted(socket.connected);
      socket.open(peer.url);
      expect(socket.sendTextMessage('too early')).to.equal(0);
      expect(socket.sendBinaryMessage(new Uint8Array(1))).to.equal(0);
      await done;

      expect(await echo('first')).to.equal('first');
    });

    it('agrees on a subprotocol', async () => {
      const options = new QWebSocketHandshakeOptions();
      options.setSubprotocols(['talk', 'chat']);
      const done = emitted(socket.connected);
      socket.open(peer.url, options);
      await done;

      expect(socket.subprotocol()).to.equal('chat');
    });

    it('fails where nobody is', async () => {
      await peer.stop();
      const log = logSignals(socket, UNCOUNTED);
      // Which of the two comes last depends on how far the attempt got.
      const over = Promise.all([emitted(socket.disconnected), emitted(socket.errorOccurred)]);
      socket.open(peer.url);
      await over;

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      expect(socket.errorString()).to.not.equal('');
      expect(log.filter((line) => line === 'connected')).to.deep.equal([]);
      expect(log.filter((line) => line === 'disconnected')).to.have.lengthOf(1);
      expect(log.filter((line) => line.startsWith('errorOccurred'))).to.have.lengthOf(1);
    });

    it('refuses an invalid URL at once', () => {
      const log = logSignals(socket, UNCOUNTED);
      socket.open('ws://host:99999/');

      expect(log).to.deep.equal(['errorOccurred 0']);
      expect(wordsOf(socket.errorString())).to.equal('Invalid URL.');
      expect(socket.error()).to.equal(SocketError.ConnectionRefusedError);
    });

    it('is given up by abort()', () => {
      socket.open(peer.url);
      const log = logSignals(socket, UNCOUNTED);
      socket.abort();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
    });

    it('is given up by another open()', async () => {
      socket.open(peer.url);
      const log = logSignals(socket, UNCOUNTED);
      await connect();

      expect(log).to.deep.equal(['stateChanged Connected', 'connected']);
      expect(await echo('x')).to.equal('x');
    });
  });

  describe('messages', () => {
    const texts: Record<string, [text: string, bytes: number]> = {
      'a word': ['Hello', 5],
      nothing: ['', 0],
      'characters of every length': ['aß€😀\0', 11],
      'a leading U+FEFF': ['\ufeffx', 4],
      '1 MiB': ['a'.repeat(1024 * 1024), 1024 * 1024],
      '1 MiB beyond ASCII': ['ä'.repeat(512 * 1024), 1024 * 1024],
    };
    for (const [what, [text, bytes]] of Object.entries(texts)) {
      it(`of text come back: ${what}`, async () => {
        await connect();
        const answer = emitted(socket.textMessageReceived);
        expect(socket.sendTextMessage(text)).to.equal(bytes);
        const [received] = await answer;

        expect(received === text).to.equal(true);
      });
    }

    for (const size of [0, 1, 125, 126, 65_535, 65_536, 1024 * 1024]) {
      it(`of ${size} bytes come back`, async () => {
        await connect();
        const message = Uint8Array.from({ length: size }, (_, i) => i % 251);
        const received = await echoBytes(message);

        expect(received).to.be.an.instanceof(Uint8Array);
        expect(received.length).to.equal(size);
        expect(received.every((byte, i) => byte === message[i])).to.equal(true);
      });
    }

    it('may be any view of bytes', async () => {
      await connect();
      const buffer = Uint8Array.of(1, 2, 3, 4, 5, 6).buffer;
      for (const view of [new Uint8Array(buffer, 2, 2), new DataView(buffer, 2, 2)]) {
        const answer = emitted(socket.binaryMessageReceived);
        expect(socket.sendBinaryMessage(view)).to.equal(2);
        const [received] = await answer;
        expect([...received]).to.deep.equal([3, 4]);
      }
    });

    it('may lie in memory that can grow', async () => {
      await connect();
      // The compiler's library is older than they are.
      const Resizable = ArrayBuffer as new (size: number, options: object) => ArrayBuffer;
      const view = new Uint8Array(new Resizable(2, { maxByteLength: 8 })).fill(7);
      const received = await echoBytes(view);

      expect([...received]).to.deep.equal([7, 7]);
    });

    it('are not changed by what becomes of their bytes', async () => {
      await connect();
      const message = new Uint8Array(100_000).fill(1);
      const answer = emitted(socket.binaryMessageReceived);
      socket.sendBinaryMessage(message);
      message.fill(2);
      const [received] = await answer;

      expect(received.every((byte) => byte === 1)).to.equal(true);
    });

    it('keep their order and kind', async () => {
      await connect();
      const log = logSignals(socket, [...UNCOUNTED, 'textFrameReceived', 'binaryFrameReceived']);
      for (let i = 0; i < 5; i++) {
        socket.sendTextMessage(`${i}`);
        socket.sendBinaryMessage(Uint8Array.of(i));
      }
      const last = new Promise<void>((resolve) => {
        socket.textMessageReceived.connect((message) => {
          if (message === 'last') resolve();
        });
      });
      socket.sendTextMessage('last');
      await last;

      expect(log).to.deep.equal([
        ...[0, 1, 2, 3, 4].flatMap((i) => [
          `textMessageReceived ${i}`,
          `binaryMessageReceived 0${i}`,
        ]),
        'textMessageReceived last',
      ]);
    });

    for (const [kind, send] of Object.entries({
      text: () => socket.sendTextMessage('x'.repeat(11)),
      bytes: () => socket.sendBinaryMessage(new Uint8Array(11)),
    })) {
      it(`end the connection when they are too big: ${kind}`, async () => {
        await connect();
        socket.setMaxAllowedIncomingMessageSize(10);
        expect(await echo('x'.repeat(10))).to.equal('x'.repeat(10));
        const log = logSignals(socket, UNCOUNTED);
        const done = emitted(socket.readChannelFinished);
        send();
        await done;

        expect(log.filter((line) => line.includes('Message'))).to.deep.equal([]);
        expect(socket.closeCode()).to.equal(1009);
        expect(wordsOf(socket.errorString())).to.equal('Received message is too big.');
      });
    }

    it('are refused while too much waits', async () => {
      await connect();
      socket.setBacklogLimit(1000);
      // More than the buffers of a system hold.
      const size = 16 * 1024 * 1024;
      expect(socket.sendBinaryMessage(new Uint8Array(size))).to.equal(size);

      expect(socket.bytesToWrite()).to.be.greaterThan(1000);
      expect(socket.sendBinaryMessage(new Uint8Array(1))).to.equal(0);
      expect(socket.sendTextMessage('x')).to.equal(0);
    });

    it('tell when they have been taken', async () => {
      await connect();
      let taken = 0;
      const all = new Promise<void>((resolve) => {
        socket.bytesWritten.connect((count) => {
          taken += count;
          if (taken >= 100_000) resolve();
        });
      });
      socket.sendBinaryMessage(new Uint8Array(100_000));
      await all;

      expect(socket.bytesToWrite()).to.equal(0);
    });

    it('keep their order through a BackPressure, whether they had to wait or not', async () => {
      await connect();
      using pressure = new BackPressure({ highWaterMark: 32 * 1024 });
      const lengths = Array.from({ length: 20 }, (_, index) => 16 * 1024 + index);
      const got: number[] = [];
      const all = new Promise<void>((resolve) => {
        socket.binaryMessageReceived.connect(({ length }) => {
          if (got.push(length) === lengths.length) resolve();
        });
      });
      for (const length of lengths) pressure.send(socket, new Uint8Array(length));
      await pressure.waitForDrained(socket);
      expect(pressure.waitingMessages(socket)).to.equal(0);
      await all;

      expect(got).to.deep.equal(lengths);
      expect(pressure.droppedMessages()).to.equal(0);
    });

    it('can be waited for until they have been taken', async () => {
      await connect();
      socket.sendBinaryMessage(new Uint8Array(200_000));
      await drained(socket, { mark: 100 });

      expect(socket.bytesToWrite()).to.be.at.most(100);
    });

    it('refuse what is neither text nor bytes', async () => {
      await connect();

      expect(() => socket.sendTextMessage(5 as unknown as string)).to.throw(TypeError);
      expect(() => socket.sendBinaryMessage(5 as unknown as Uint8Array)).to.throw(TypeError);
    });
  });

  describe('closing', () => {
    it('begins at once and ends when the peer has closed', async () => {
      await connect();
      const log = logSignals(socket, UNCOUNTED);
      const finished = emitted(socket.readChannelFinished);
      socket.close();
      expect(log).to.deep.equal(['aboutToClose', 'stateChanged Closing']);
      expect(socket.sendTextMessage('too late')).to.equal(0);
      await finished;

      expect(log.slice(2)).to.deep.equal([
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect(socket.closeCode()).to.equal(1000);
      expect(socket.isValid()).to.equal(false);
    });

    it('remembers code and reason', async () => {
      await connect();
      const done = emitted(socket.disconnected);
      socket.close(4000, 'Enough.');
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'Enough.']);
      await done;

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4000, 'Enough.']);
    });

    const what = conduct.hearsWhileClosing ? 'lets messages through' : 'forgets messages';
    it(`${what} that were on their way`, async () => {
      await connect();
      const log = logSignals(socket, UNCOUNTED);
      socket.sendTextMessage('last');
      const done = emitted(socket.disconnected);
      socket.close();
      await done;

      const heard = log.filter((line) => line.startsWith('textMessage'));
      expect(heard).to.deep.equal(conduct.hearsWhileClosing ? ['textMessageReceived last'] : []);
    });

    it('sends what was given to it before', async () => {
      await connect();
      const message = 'close! 4002 at the end';
      for (let i = 0; i < 100; i++) socket.sendTextMessage('x'.repeat(10_000));
      socket.sendTextMessage(message);
      await emitted(socket.disconnected);

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4002, 'at']);
    });

    it('keeps code and reason that a script may not send', async () => {
      await connect();
      const done = emitted(socket.disconnected);
      socket.close(1001, 'Gone.');
      await done;

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'Gone.']);
      expect(socket.errorString()).to.equal('Unknown error');
    });

    it('ends an attempt, which is not heard of any more', async () => {
      socket.open(peer.url);
      const log = logSignals(socket, [...UNCOUNTED, 'errorOccurred']);
      socket.close();
      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);

      await connect();
      expect(log.slice(4)).to.deep.equal([
        'stateChanged Connecting',
        'stateChanged Connected',
        'connected',
      ]);
    });

    it('comes to its end when the object is destroyed', async () => {
      await connect();
      const done = emitted(socket.destroyed);
      socket.deleteLater();
      await done;

      expect(socket.isValid()).to.equal(false);
      expect(socket.sendTextMessage('too late')).to.equal(0);
      expect(socket.closeCode()).to.equal(1001);
    });

    it('by the peer tells why', async () => {
      await connect();
      const log = logSignals(socket, [...UNCOUNTED, 'errorOccurred']);
      const finished = emitted(socket.readChannelFinished);
      socket.sendTextMessage('close! 4001 why');
      await finished;

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([4001, 'why']);
    });

    it('by the peer without a code is 1005', async () => {
      await connect();
      const done = emitted(socket.disconnected);
      socket.sendTextMessage('close!');
      await done;

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1005, '']);
      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    });

    it('without a word is an error, and 1006', async () => {
      await connect();
      const log = logSignals(socket, UNCOUNTED);
      const finished = emitted(socket.readChannelFinished);
      socket.sendTextMessage('vanish!');
      await finished;

      expect(log[0]).to.equal('errorOccurred 1');
      expect(log.slice(-3)).to.deep.equal([
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1006, '']);
    });

    it('refuses codes that must not be sent', async () => {
      await connect();

      for (const code of [999, 1005, 1006, 1015, 2999, 5000]) {
        expect(() => socket.close(code)).to.throw(RangeError);
      }
      expect(socket.isValid()).to.equal(true);
    });

    it('is done at once by abort()', async () => {
      await connect();
      socket.sendTextMessage('nobody hears the answer');
      const log = logSignals(socket, UNCOUNTED);
      socket.abort();
      socket.abort();

      expect(log).to.deep.equal([
        'aboutToClose',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
    });
  });

  it('connects the same object again and again', async () => {
    for (let i = 0; i < 3; i++) {
      await connect();
      const log = logSignals(socket, [...UNCOUNTED, 'textFrameReceived']);
      expect(await echo(`round ${i}`)).to.equal(`round ${i}`);
      const done = emitted(socket.readChannelFinished);
      socket.close();
      await done;

      expect(log).to.deep.equal([
        `textMessageReceived round ${i}`,
        'aboutToClose',
        'stateChanged Closing',
        'stateChanged Unconnected',
        'disconnected',
        'readChannelFinished',
      ]);
      socket.removeAllListeners();
    }
  });

  it('may be opened anew by the slot that learns of its end', async () => {
    await connect();
    const again = emitted(socket.connected);
    socket.disconnected.connect(() => socket.open(peer.url));
    socket.sendTextMessage('vanish!');
    await again;

    socket.removeAllListeners();
    expect(await echo('here again')).to.equal('here again');
  });
}

import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { useFakeTimers, type SinonFakeTimers } from 'sinon';
import type { Ask, Tell } from '../../lib/electron/bridge-messages.ts';
import type { PagePort } from '../../lib/electron/ports.ts';
import { QWebSocket } from '../../lib/electron/qwebsocket.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { holdBack, pulseOf } from '../../lib/websockets/qwebsocket-base.ts';
import { emitted } from '../support/emitted.ts';
import { logSignals } from '../support/signal-log.ts';

const URL = 'ws://server.example/';

const NOWHERE = { address: '', port: 0 };

const OPENED: Tell = {
  tell: 'opened',
  subprotocol: '',
  extensions: '',
  local: NOWHERE,
  peer: NOWHERE,
  maxMessageSize: 1000,
  reportEvery: 1_000_000,
  canPing: true,
};

describe('PortBackend', () => {
  it('says that it leaves before it closes the port', async () => {
    const asked: unknown[] = [];
    let main: PagePort | undefined;
    const socket = new QWebSocket('', undefined, null, (_request, port) => {
      main = port;
      port.addEventListener('message', ({ data }) => asked.push(data));
      port.start();
    });
    socket.open('ws://server.example/');
    socket.abort();
    while (asked.length === 0) await setImmediate();

    expect(asked).to.deep.equal([{ ask: 'leave' }]);
    main?.close();
  });

  it('asks for what is opened: without user, password or fragment lost or added', async () => {
    const urls: string[] = [];
    const socket = new QWebSocket('', undefined, null, ({ url }, port) => {
      urls.push(url);
      port.close();
    });
    for (const url of ['ws://server.example', 'wss://u:p@[::1]:8443/a%20b?c=%C3%A4#d']) {
      const failed = emitted(socket.errorOccurred);
      socket.open(url);
      await failed;
    }

    expect(urls).to.deep.equal(['ws://server.example/', 'wss://u:p@[::1]:8443/a%20b?c=%C3%A4']);
  });

  describe('with a main process at the other end', () => {
    let socket: QWebSocket;
    let main: PagePort;
    let asked: Ask[];

    beforeEach(() => {
      asked = [];
      socket = new QWebSocket('', undefined, null, (_request, port) => {
        main = port;
        port.addEventListener('message', ({ data }) => asked.push(data as Ask));
        port.start();
      });
      socket.open(URL);
    });

    afterEach(() => {
      socket.abort();
      main.close();
    });

    /** Tells the page, which has heard it when this is through. */
    async function tell(...tells: Tell[]): Promise<void> {
      for (const each of tells) main.postMessage(each);
      for (let turn = 0; turn < 10; turn += 1) await setImmediate();
    }

    it('delivers no message of a connection that a slot of its last frame has given up', async () => {
      const messages: unknown[] = [];
      socket.textMessageReceived.connect((message) => messages.push(message));
      socket.binaryMessageReceived.connect((message) => messages.push(message));
      socket.textFrameReceived.connect(() => socket.abort());
      socket.binaryFrameReceived.connect(() => socket.abort());
      await tell(OPENED, { tell: 'textFrame', text: 'a', isLast: true });
      socket.open(URL);
      await tell(OPENED, { tell: 'binaryFrame', bytes: new Uint8Array(1), isLast: true });

      expect(messages).to.deep.equal([]);
    });

    it('delivers nothing more behind a message that was too big', async () => {
      const messages: string[] = [];
      socket.textMessageReceived.connect((message) => messages.push(message));
      socket.setMaxAllowedIncomingMessageSize(2);
      await tell(OPENED, { tell: 'textMessage', text: 'abc' }, { tell: 'textMessage', text: 'a' });

      expect(messages).to.deep.equal([]);
      expect(asked).to.deep.include({
        ask: 'close',
        code: 1009,
        reason: 'Received message is too big.',
      });
    });

    it('does not close anew for a message that is too big', async () => {
      await tell(OPENED);
      socket.setMaxAllowedIncomingMessageSize(2);
      socket.close(4000);
      await tell({ tell: 'textMessage', text: 'abc' });

      expect(asked).to.deep.equal([{ ask: 'close', code: 4000, reason: '' }]);
      expect(socket.closeCode()).to.equal(4000);
    });

    describe('that is held back', () => {
      let letGo: () => void;
      let heard: string[];

      beforeEach(async () => {
        heard = logSignals(socket, ['stateChanged']);
        await tell({ ...OPENED, reportEvery: 65 });
        heard.length = 0;
        letGo = holdBack(socket);
      });

      const hello: Tell = { tell: 'textMessage', text: 'hello' };

      it('tells nothing, and reports nothing as read, until it is let go', async () => {
        await tell(hello, { tell: 'pong', bytes: new Uint8Array(1) });
        expect(heard).to.deep.equal([]);
        expect(asked).to.deep.equal([]);

        letGo();
        expect(heard).to.deep.equal([]);
        await tell();

        expect(heard.map((line) => line.split(' ')[0])).to.deep.equal([
          'textMessageReceived',
          'pong',
        ]);
        expect(asked).to.deep.equal([
          { ask: 'more', cost: 69 },
          { ask: 'more', cost: 65 },
        ]);
      });

      it('tells what the system has taken of what is sent meanwhile', async () => {
        socket.sendTextMessage('hi');
        await tell(hello, { tell: 'written', count: 8, taken: 2, waiting: 0 });

        expect(heard).to.deep.equal(['bytesWritten 8']);
      });

      it('stops in the middle when a slot holds it back again', async () => {
        let again: (() => void) | undefined;
        socket.textMessageReceived.connect(() => (again = holdBack(socket)));
        await tell(hello, hello);
        letGo();
        await tell();
        expect(heard).to.deep.equal(['textMessageReceived hello']);

        again!();
        await tell();

        expect(heard).to.have.lengthOf(2);
      });

      it('waits for all who hold it back, and for each of them once', async () => {
        const other = holdBack(socket);
        await tell(hello);
        letGo();
        letGo();
        await tell();
        expect(heard).to.deep.equal([]);

        other();
        await tell();

        expect(heard).to.have.lengthOf(1);
      });

      it('tells how it has ended behind what came before', async () => {
        await tell(
          hello,
          { tell: 'closing', code: 1000, reason: '' },
          { tell: 'closed', text: '' },
        );
        main.close();
        await tell();
        expect(heard).to.deep.equal([]);

        letGo();
        await tell();

        expect(heard.map((line) => line.split(' ')[0])).to.deep.equal([
          'textMessageReceived',
          'aboutToClose',
          'disconnected',
          'readChannelFinished',
        ]);
        expect(socket.closeCode()).to.equal(1000);
      });

      it('tells that the main process has gone behind what came before', async () => {
        await tell(hello);
        main.close();
        await tell();
        letGo();
        await tell();

        expect(heard[0]).to.equal('textMessageReceived hello');
        expect(socket.state()).to.equal(SocketState.UnconnectedState);
      });

      it('is no sign that the peer has gone', () => {
        const before = pulseOf(socket)!.heard;

        expect(pulseOf(socket)!.heard).to.be.above(before);
      });

      it('forgets all that when it is opened anew', async () => {
        await tell(hello);
        socket.open(URL);
        letGo();
        await tell(OPENED, { tell: 'textMessage', text: 'new' });

        expect(heard.at(-1)).to.equal('textMessageReceived new');
        expect(heard.join()).to.not.include('hello');
      });
    });

    it('reports what pongs have cost, too', async () => {
      await tell({ ...OPENED, reportEvery: 65 }, { tell: 'pong', bytes: new Uint8Array(1) });

      expect(asked).to.deep.equal([{ ask: 'more', cost: 65 }]);
    });

    it('sends nothing of what lies around the bytes of a message', async () => {
      await tell(OPENED);
      socket.sendBinaryMessage(new Uint8Array(100).subarray(1, 3));
      await tell();

      expect(asked).to.have.nested.property('[0].bytes.buffer.byteLength', 2);
    });

    it('lets the slot that hears of the loss open the next one', async () => {
      await tell(OPENED);
      socket.errorOccurred.connect(() => socket.open(URL));
      const lost = main;
      lost.close();
      await emitted(socket.errorOccurred);

      expect(socket.state()).to.equal(SocketState.ConnectingState);
      expect(main).to.not.equal(lost);
    });
  });

  describe('with a limit to the time of opening', () => {
    let clock: SinonFakeTimers;
    let socket: QWebSocket;
    let main: PagePort;

    beforeEach(() => {
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      socket = new QWebSocket('', undefined, null, (_request, port) => (main = port));
      socket.setOpenTimeout(1000);
      socket.open(URL);
    });

    afterEach(() => {
      clock.restore();
      socket.abort();
      main.close();
    });

    it('leaves a connection alone', async () => {
      main.postMessage(OPENED);
      await emitted(socket.connected);
      clock.tick(1000);

      expect(socket.state()).to.equal(SocketState.ConnectedState);
    });

    it('holds nothing against the next attempt', () => {
      clock.tick(999);
      main.close();
      socket.open(URL);
      clock.tick(1);

      expect(socket.error()).to.equal(SocketError.UnknownSocketError);
    });
  });
});

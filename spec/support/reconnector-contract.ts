import { expect } from 'chai';
import { SocketState } from '../../lib/network/qabstractsocket.ts';
import type { QWebSocketBase } from '../../lib/websockets/qwebsocket-base.ts';
import type { ReconnectOptions } from '../../lib/websockets/reconnect-options.ts';
import type { ReconnectorBase } from '../../lib/websockets/reconnector-base.ts';
import { emitted } from './emitted.ts';
import type { EchoPeer } from './socket-contract.ts';

/**
 * What every Reconnector does, whatever backs its socket.
 *
 * @param make makes one for a socket that was never opened.
 * @param startEchoPeer starts a peer for each spec.
 */
export function itReconnects(
  make: (options: ReconnectOptions) => ReconnectorBase,
  startEchoPeer: () => Promise<EchoPeer>,
): void {
  describe('reconnecting', () => {
    let peer: EchoPeer;
    let reconnector: ReconnectorBase;
    let socket: QWebSocketBase;
    let heard: string[];

    beforeEach(async () => {
      peer = await startEchoPeer();
      heard = [];
    });

    afterEach(async () => {
      socket.abort();
      reconnector[Symbol.dispose]();
      await peer.stop();
    });

    async function connect(options: ReconnectOptions = {}): Promise<void> {
      reconnector = make({ firstDelay: 20, ...options });
      socket = reconnector.socket();
      socket.textMessageReceived.connect((text) => heard.push(text));
      const done = emitted(socket.connected);
      socket.open(peer.url);
      await done;
    }

    /** Waits until `text` has come back. */
    async function hears(text: string): Promise<void> {
      while (!heard.includes(text)) await emitted(socket.textMessageReceived);
    }

    it('comes back when the connection is lost', async () => {
      await connect();
      const waits = emitted(reconnector.reconnecting);
      const back = emitted(reconnector.reconnected);
      socket.sendTextMessage('vanish!');
      const [attempt, delay] = await waits;
      expect(attempt).to.equal(1);
      expect(delay).to.be.within(0, 20);
      await back;
      socket.sendTextMessage('again');
      await hears('again');

      expect(reconnector.lastFailure()!.closeCode).to.equal(1006);
    });

    it('comes back when the server is about to restart, and not too soon', async () => {
      await connect({ longestDelay: 60 });
      const waits = emitted(reconnector.reconnecting);
      const back = emitted(reconnector.reconnected);
      socket.sendTextMessage('close! 1012 Update');
      const [, delay] = await waits;
      expect(delay).to.be.within(10, 60);
      await back;

      expect(reconnector.lastFailure()!.reason).to.equal(
        'The connection was closed with 1012: Update',
      );
    });

    it('subscribes, and then sends what has waited, in its order', async () => {
      await connect({ resubscribe: (own) => own.sendTextMessage('subscribe') });
      const waits = emitted(reconnector.reconnecting);
      socket.sendTextMessage('vanish!');
      await waits;
      heard.length = 0;
      reconnector.sendTextMessage('ä');
      reconnector.sendTextMessage('b', { compress: false });
      reconnector.sendTextMessage('c');
      expect(reconnector.unsentMessages()).to.equal(3);
      await hears('c');

      expect(heard).to.deep.equal(['subscribe', 'ä', 'b', 'c']);
      expect(reconnector.unsentBytes()).to.equal(0);
    });

    it('gives up when the server does not want it', async () => {
      await connect();
      const gaveUp = emitted(reconnector.gaveUp);
      socket.sendTextMessage('close! 1008 Enough');
      const [reason] = await gaveUp;

      expect(reason).to.contain('1008');
      expect(reconnector.isActive()).to.equal(false);
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });

    it('goes on while nobody is there', async () => {
      await connect();
      const attempts: number[] = [];
      const third = new Promise<void>((resolve) => {
        reconnector.reconnecting.connect((attempt) => {
          if (attempts.push(attempt) === 3) resolve();
        });
      });
      await peer.stop();
      await third;

      expect(attempts).to.deep.equal([1, 2, 3]);
      expect(reconnector.lastFailure()!.wasConnected).to.equal(false);
    });

    it('ends with the close() of the socket', async () => {
      await connect();
      const over = emitted(socket.disconnected);
      socket.close();
      await over;

      expect(reconnector.isActive()).to.equal(false);
      expect(reconnector.remainingTime()).to.equal(-1);
    });

    it('takes a new way for each attempt', async () => {
      let attempt = 0;
      await connect({
        destination: () => Promise.resolve(`${peer.url}?attempt=${++attempt}`),
      });
      const back = emitted(reconnector.reconnected);
      socket.sendTextMessage('vanish!');
      await back;

      expect(socket.requestUrl().query()).to.equal('attempt=1');
    });
  });
}

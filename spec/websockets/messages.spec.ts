import { expect } from 'chai';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { messages } from '../../lib/websockets/messages.ts';
import type { SocketBackendEvents } from '../../lib/websockets/socket-backend.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { slotsOf } from '../support/slots-of.ts';

const DONE = { done: true, value: undefined };

describe('messages()', () => {
  let socket: TestSocket;
  let peer: SocketBackendEvents;

  beforeEach(() => {
    socket = new TestSocket();
    peer = connect();
  });

  function connect(): SocketBackendEvents {
    socket.open('ws://host.example/');
    const connection = socket.backend.connection();
    connection.opened('');
    return connection;
  }

  /** How often the socket was held back and let go. */
  function holds(): string[] {
    return socket.backend.asked
      .map(([name]) => String(name))
      .filter((name) => name === 'holdBack' || name === 'letGo');
  }

  async function rest(of: AsyncIterable<string | Uint8Array>): Promise<(string | Uint8Array)[]> {
    const all = [];
    for await (const message of of) all.push(message);
    return all;
  }

  function lose(): void {
    peer.lost(SocketError.NetworkError, 'Cut.');
    peer.closed();
  }

  it('are text and bytes, in their order', async () => {
    const incoming = messages(socket);
    peer.textMessage('one');
    peer.binaryMessage(Uint8Array.of(2));
    peer.textMessage('');
    peer.closing(1000, '');
    peer.closed();

    expect(await rest(incoming)).to.deep.equal(['one', Uint8Array.of(2), '']);
  });

  it('come to those who have asked before', async () => {
    const incoming = messages(socket);
    const asked = [incoming.next(), incoming.next()];
    peer.textMessage('one');
    peer.textMessage('two');

    expect(await Promise.all(asked)).to.deep.equal([
      { done: false, value: 'one' },
      { done: false, value: 'two' },
    ]);
  });

  it('can be listened for before the socket is opened', async () => {
    socket = new TestSocket();
    const incoming = messages(socket);
    peer = connect();
    peer.textMessage('early');

    expect(await incoming.next()).to.deep.equal({ done: false, value: 'early' });
  });

  it('end when the socket is disconnected, for all who wait', async () => {
    const incoming = messages(socket);
    const asked = [incoming.next(), incoming.next()];
    peer.closing(4000, 'why');
    peer.closed();

    expect(await Promise.all(asked)).to.deep.equal([DONE, DONE]);
    expect(slotsOf(socket)).to.equal(0);
  });

  it('end when the connection was lost, behind what has come, with the reason', async () => {
    const incoming = messages(socket);
    peer.textMessage('last');
    lose();

    expect(await incoming.next()).to.deep.equal({ done: false, value: 'last' });
    const failure = await incoming.next().catch((error: unknown) => error);
    expect(failure).to.deep.include({
      name: 'ConnectionError',
      message: 'Cut.',
      error: SocketError.NetworkError,
      closeCode: 1006,
    });
    expect(await incoming.next()).to.deep.equal(DONE);
  });

  it('end with the reason for those who wait, once', async () => {
    const incoming = messages(socket);
    const asked = [incoming.next().catch((error: unknown) => error), incoming.next()];
    lose();

    expect(await asked[0]).to.have.property('message', 'Cut.');
    expect(await asked[1]).to.deep.equal(DONE);
  });

  it('end with the reason why an attempt came to nothing', async () => {
    socket.open('ws://host.example/');
    const next = messages(socket)
      .next()
      .catch((error: unknown) => error);
    socket.backend.connection().unreachable(SocketError.HostNotFoundError, 'Not found.');

    expect(await next).to.have.property('message', 'Not found.');
  });

  it('end at once when the connection was lost before', async () => {
    lose();

    const failure = await rest(messages(socket)).catch((error: unknown) => error);
    expect(failure).to.have.property('message', 'Cut.');
    expect(slotsOf(socket)).to.equal(0);
  });

  it('end at once where nothing was opened', async () => {
    expect(await rest(messages(new TestSocket()))).to.deep.equal([]);
  });

  it('end when the socket is destroyed', async () => {
    const all = rest(messages(socket));
    peer.textMessage('last');
    socket[Symbol.dispose]();

    expect(await all).to.deep.equal(['last']);
  });

  it('are not listened for any more when the loop is left', async () => {
    peer = connect();
    const incoming = messages(socket);
    peer.textMessage('one');
    peer.textMessage('two');
    for await (const message of incoming) {
      expect(message).to.equal('one');
      break;
    }

    expect(slotsOf(socket)).to.equal(0);
    expect(await incoming.next()).to.deep.equal(DONE);
  });

  it('come to two loops alike', async () => {
    const both = [rest(messages(socket)), rest(messages(socket))];
    peer.textMessage('one');
    socket.abort();

    expect(await Promise.all(both)).to.deep.equal([['one'], ['one']]);
  });

  describe('that wait', () => {
    it('hold the peer back from 64 KiB on, until all were taken', async () => {
      const incoming = messages(socket);
      peer.textMessage('x'.repeat(32 * 1024));
      expect(holds()).to.deep.equal([]);
      peer.binaryMessage(new Uint8Array(32 * 1024));
      expect(holds()).to.deep.equal(['holdBack']);

      await incoming.next();
      expect(holds()).to.deep.equal(['holdBack']);
      await incoming.next();
      expect(holds()).to.deep.equal(['holdBack', 'letGo']);
    });

    it('count also when they are empty', () => {
      messages(socket);
      for (let i = 0; i < 1024; i++) peer.textMessage('');

      expect(holds()).to.deep.equal(['holdBack']);
    });

    it('hold nobody back when the loop is left', async () => {
      const incoming = messages(socket);
      peer.binaryMessage(new Uint8Array(64 * 1024));
      await incoming.return?.();

      expect(holds()).to.deep.equal(['holdBack', 'letGo']);
    });

    it('hold the next connection back as well', () => {
      messages(socket);
      peer.binaryMessage(new Uint8Array(64 * 1024));
      peer = connect();
      peer.textMessage('more');

      expect(holds()).to.deep.equal(['holdBack', 'holdBack', 'letGo']);
    });
  });
});

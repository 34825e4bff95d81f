import { expect } from 'chai';
import { once } from 'node:events';
import net, { type OnReadOpts } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import sinon, { spy } from 'sinon';
import { openListeningHandle, type ListeningHandle } from '../../lib/node/listening-handle.ts';
import { lentSocket, readBuffer, readLent } from '../../lib/node/read-buffer.ts';
import { peerOf } from '../../lib/node/stream-ends.ts';
import { listenTo, type StreamListener } from '../../lib/node/stream-listener.ts';
import { QHostAddress, SpecialAddress } from '../../lib/network/qhostaddress.ts';

/** Takes what it is lent, as long as it may. */
class Taker implements StreamListener {
  takesLent = true;
  readonly taken: string[] = [];

  received(): void {}
  ended(): void {}
  failed(): void {}
  closed(): void {}

  receivedLent(length: number): void {
    this.taken.push(readBuffer.bytes.toString('latin1', 0, length));
  }
}

describe('the read buffer', () => {
  let server: net.Server;
  let accepted: net.Socket;
  let client: net.Socket;

  beforeEach(async () => {
    const handle = openListeningHandle(new QHostAddress(SpecialAddress.LocalHost), 0);
    server = net.createServer({ allowHalfOpen: true });
    server.listen(handle as ListeningHandle);
    readLent(server, handle as ListeningHandle);
    const connection = once(server, 'connection') as Promise<[net.Socket]>;
    const { port } = server.address() as net.AddressInfo;
    const options = { port, host: '127.0.0.1', allowHalfOpen: true };
    client = lentSocket((onread) => net.connect({ ...options, onread }));
    [accepted] = await connection;
  });

  afterEach(() => {
    server.close();
    client.destroy();
    accepted.destroy();
  });

  /** `from` sends `text`; `to` has read it when this returns. */
  async function send(from: net.Socket, to: net.Socket, text: string): Promise<void> {
    const expected = to.bytesRead + text.length;
    from.write(text);
    while (to.bytesRead < expected) await setImmediate();
  }

  /** What lies in the stream of `socket`. */
  function rest(socket: net.Socket): string {
    let text = '';
    // Node 26 gives it in the pieces in which it came.
    for (let piece; (piece = socket.read() as Buffer | null) !== null;) text += String(piece);
    return text;
  }

  for (const [name, ends] of [
    ['that was accepted', () => [client, accepted]],
    ['that was opened', () => [accepted, client]],
  ] as const) {
    describe(`of a socket ${name}`, () => {
      let from: net.Socket;
      let to: net.Socket;

      beforeEach(() => {
        [from, to] = ends() as [net.Socket, net.Socket];
      });

      it('is what the receiver reads', async () => {
        const taker = new Taker();
        listenTo(to, taker);

        await send(from, to, 'one');
        await send(from, to, 'two');

        expect(taker.taken).to.deep.equal(['one', 'two']);
        expect(to.readableLength).to.equal(0);
      });

      it('is copied into the stream before there is a receiver', async () => {
        await send(from, to, 'one');
        await send(from, to, 'two');

        expect(rest(to)).to.equal('onetwo');
      });

      it('is copied into the stream while the receiver does not take it', async () => {
        const taker = new Taker();
        listenTo(to, taker);
        taker.takesLent = false;

        await send(from, to, 'one');
        taker.takesLent = true;
        await send(from, to, 'two');

        expect(rest(to)).to.equal('one');
        expect(taker.taken).to.deep.equal(['two']);
      });

      it('leaves as much in the system as any stream when nobody reads', async () => {
        from.write(Buffer.alloc(1024 * 1024));
        while (to.readableLength < to.readableHighWaterMark) await setImmediate();
        for (let i = 0; i < 20; i++) await setImmediate();

        expect(to.readableLength).to.be.below(to.readableHighWaterMark + readBuffer.bytes.length);
      });

      it('is followed by the end of the stream', async () => {
        const taker = new Taker();
        listenTo(to, taker);
        to.resume();

        const end = once(to, 'end');
        from.end('last');
        await end;

        expect(taker.taken).to.deep.equal(['last']);
      });
    });
  }

  it('comes with who is at the other end, of accepted sockets, also when nobody has asked before', async () => {
    const { localAddress, localPort } = client;
    accepted.destroy();
    await once(accepted, 'close');

    expect(peerOf(accepted)).to.deep.equal({ address: localAddress, port: localPort });
  });

  it('comes with accepted sockets that nobody listens to', () => {
    expect(accepted.listenerCount('end')).to.equal(0);
  });

  it('is one for all sockets', async () => {
    const takers = [new Taker(), new Taker()] as const;
    listenTo(client, takers[0]);
    listenTo(accepted, takers[1]);

    await Promise.all([send(client, accepted, 'to server'), send(accepted, client, 'to client')]);

    expect(takers.map(({ taken }) => taken)).to.deep.equal([['to client'], ['to server']]);
  });

  it('is read where the system calls back on nothing, as Bun does', () => {
    const taker = new Taker();
    let heard: OnReadOpts | undefined;
    const socket = lentSocket((onread) => {
      heard = onread;
      return new net.Socket();
    });
    listenTo(socket, taker);

    readBuffer.bytes.write('one');
    heard!.callback.call(undefined, 3, readBuffer.bytes);

    expect(taker.taken).to.deep.equal(['one']);
  });

  it('leaves clients to the server where the handle gives none, as in Deno', () => {
    const accept = spy();
    const handle = { fd: -1, listen: () => 0, close() {}, onconnection: accept };
    const connection = spy();
    const other = net.createServer(connection);

    readLent(other, handle);
    (handle.onconnection as (status: number) => void)(0);

    sinon.assert.calledOnceWithExactly(accept, 0, undefined);
    expect(connection.callCount).to.equal(0);
  });

  it('is not used where the handle accepts in another way', () => {
    const handle = { fd: -1, listen: () => 0, close() {} };

    readLent(server, handle);

    expect(handle).to.have.all.keys('fd', 'listen', 'close');
  });

  it('leaves it to the server to tell that accepting has failed', async () => {
    const other = net.createServer();
    const handle = openListeningHandle(new QHostAddress(SpecialAddress.LocalHost), 0) as {
      onconnection?: (status: number, client: unknown) => void;
    } & ListeningHandle;
    other.listen(handle);
    readLent(other, handle);
    const failure = once(other, 'error');

    // -24 is EMFILE.
    handle.onconnection?.(-24, undefined);

    const [error] = (await failure) as [NodeJS.ErrnoException];
    expect([error.code, error.syscall]).to.deep.equal(['EMFILE', 'accept']);
    other.close();
  });
});

import { expect } from 'chai';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import sinon from 'sinon';
import { OpCode } from '../../lib/codec/opcode.ts';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { toDuplex } from '../../lib/node/to-duplex.ts';
import { emitted } from '../support/emitted.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { closePayload } from '../support/session-rig.ts';
import { slotsOf } from '../support/slots-of.ts';
import { SocketPair } from '../support/socket-pair.ts';

const MIB = 1024 * 1024;

/** What `stream` fails with; it is closed then. */
async function failureOf(stream: Duplex): Promise<unknown> {
  let failure: unknown;
  stream.on('error', (error) => (failure = error));
  await new Promise((resolve) => stream.on('close', resolve));
  return failure;
}

describe('toDuplex()', () => {
  describe('between two ends', () => {
    for (const [title, isSecure, compression] of [
      ['ws:', false, undefined],
      ['wss:', true, undefined],
      ['ws: with compression', false, {}],
    ] as const) {
      it(`carries any bytes both ways over ${title}`, async () => {
        const pair = await SocketPair.connect(isSecure, compression);
        const content = randomBytes(3 * MIB);
        const far = toDuplex(pair.accepted);
        const echo = pipeline(far, far);
        const near = toDuplex(pair.client);
        const back: Buffer[] = [];
        let length = 0;
        near.on('data', (chunk: Buffer) => {
          back.push(chunk);
          length += chunk.length;
          // Behind our Close frame the echo could send nothing more.
          if (length === content.length) near.end();
        });
        for (let at = 0; at < content.length; at += 100_000) {
          if (!near.write(content.subarray(at, at + 100_000))) await once(near, 'drain');
        }
        await echo;

        expect(Buffer.concat(back).equals(content)).to.equal(true);
        expect(pair.client.closeCode()).to.equal(1000);
        pair.close();
      });
    }

    it('lets a writer wait whose peer does not read, and loses nothing', async () => {
      const pair = await SocketPair.connect();
      const near = toDuplex(pair.client);
      const far = toDuplex(pair.accepted);
      let delivered = 0;
      pair.accepted.binaryMessageReceived.connect(({ length }) => (delivered += length));
      const chunk = randomBytes(64 * 1024);
      let written = 0;
      let turns = 0;
      while (turns < 300) {
        turns++;
        if (!near.writableNeedDrain) {
          near.write(chunk);
          written += chunk.length;
          turns = 0;
        }
        await setImmediate();
      }
      const waiting = pair.client.bytesToWrite();
      expect(near.writableLength + waiting).to.be.within(1, 4 * chunk.length);
      expect(far.readableLength).to.equal(delivered);
      expect(delivered).to.be.within(1, 2 * chunk.length);

      near.end();
      const got = await buffer(far);
      expect(got.length).to.equal(written);
      near.destroy();
      pair.close();
    });

    it('sends each write as a binary message, and no empty ones', async () => {
      const pair = await SocketPair.connect();
      const slot = sinon.spy();
      pair.accepted.binaryMessageReceived.connect((bytes) => slot(Buffer.from(bytes).toString()));
      const near = toDuplex(pair.client);
      near.write('one');
      near.write('');
      near.end('two');
      near.resume();
      await once(near, 'close');

      expect(slot.args).to.deep.equal([['one'], ['two']]);
      pair.close();
    });

    it('reads text as UTF-8', async () => {
      const pair = await SocketPair.connect();
      const got = text(toDuplex(pair.client));
      pair.accepted.sendTextMessage('Grüße, ');
      pair.accepted.sendTextMessage('');
      pair.accepted.sendBinaryMessage(Buffer.from('Welt'));
      pair.accepted.close();

      expect(await got).to.equal('Grüße, Welt');
      pair.close();
    });

    it('reads what comes behind its own end', async () => {
      const pair = await SocketPair.connect();
      const near = toDuplex(pair.client);
      const far = toDuplex(pair.accepted);
      far.write('last words');
      near.end();
      far.resume();

      expect(await text(near)).to.equal('last words');
      pair.close();
    });
  });

  describe('of a client', () => {
    let peer: RawPeer;
    let socket: QWebSocket;

    beforeEach(async () => {
      peer = await RawPeer.listen();
      socket = new QWebSocket();
    });

    afterEach(() => {
      socket.abort();
      peer.close();
      sinon.restore();
    });

    async function connect(): Promise<[stream: Duplex, connection: RawConnection]> {
      socket.open(peer.url);
      const stream = toDuplex(socket);
      const [connection] = await Promise.all([peer.accept(), emitted(socket.connected)]);
      return [stream, connection];
    }

    it('keeps what was written and ended until it is connected', async () => {
      socket.open(peer.url);
      const stream = toDuplex(socket);
      stream.end('early');
      const connection = await peer.accept();

      expect((await connection.frame()).payload.toString()).to.equal('early');
      expect((await connection.frame()).opcode).to.equal(OpCode.Close);
    });

    it('finishes when the peer has answered', async () => {
      const [stream, connection] = await connect();
      const finished = sinon.spy();
      stream.on('finish', finished).resume();
      stream.end();
      const close = await connection.frame();
      await setImmediate();
      expect(close.payload.equals(closePayload(1000))).to.equal(true);
      sinon.assert.notCalled(finished);

      connection.send(OpCode.Close, closePayload(1000));
      connection.socket.end();
      await once(stream, 'close');
      sinon.assert.calledOnce(finished);
      expect(slotsOf(socket)).to.equal(0);
    });

    for (const [title, payload] of [
      ['1000', closePayload(1000)],
      ['no code', Buffer.alloc(0)],
    ] as const) {
      it(`ends when the peer closes with ${title}`, async () => {
        const [stream, connection] = await connect();
        connection.send(OpCode.Close, payload);
        connection.socket.end();

        expect(await text(stream)).to.equal('');
        expect(slotsOf(socket)).to.equal(0);
      });
    }

    it('fails when the peer closes with another code', async () => {
      const [stream, connection] = await connect();
      connection.send(OpCode.Close, closePayload(1011, 'oh'));
      connection.socket.end();

      expect(await failureOf(stream)).to.deep.include({
        name: 'ConnectionError',
        closeCode: 1011,
        closeReason: 'oh',
      });
    });

    it('fails when the connection is lost', async () => {
      const [stream, connection] = await connect();
      connection.socket.end();

      expect(await failureOf(stream)).to.deep.include({
        error: SocketError.RemoteHostClosedError,
        closeCode: 1006,
      });
      expect(slotsOf(socket)).to.equal(0);
    });

    it('fails when the peer breaks the protocol', async () => {
      const [stream, connection] = await connect();
      connection.socket.end(Buffer.of(0xc1, 0));

      expect(await failureOf(stream)).to.have.property('closeCode', 1002);
    });

    it('fails when the peer does not answer its end', async () => {
      const [stream, connection] = await connect();
      const clock = sinon.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      stream.end();
      await connection.frame();
      const failure = failureOf(stream);
      // What has gone out since it began is a sign of life.
      clock.tick(2 * socket.closeTimeout());

      expect(await failure)
        .to.have.property('message')
        .that.matches(/timed out/);
    });

    it('fails when there is nobody', async () => {
      socket.open(`ws://127.0.0.1:${NOBODY}/`);

      expect(await failureOf(toDuplex(socket))).to.have.property(
        'error',
        SocketError.ConnectionRefusedError,
      );
    });

    it('fails for what cannot be written any more', async () => {
      const [stream] = await connect();
      socket.close();
      const written = sinon.spy();
      const failure = failureOf(stream);
      stream.write('late', written);

      expect(await failure).to.have.property('name', 'ConnectionError');
      sinon.assert.calledOnce(written);
    });

    it('aborts the socket when it is destroyed', async () => {
      const [stream, connection] = await connect();
      stream.destroy();

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      await connection.over;
      expect(slotsOf(socket)).to.equal(0);
    });

    it('fails when others abort the socket', async () => {
      const [stream] = await connect();
      const failure = failureOf(stream);
      socket.abort();

      expect(await failure).to.have.property('name', 'ConnectionError');
    });

    it('fails when others give the attempt up', async () => {
      socket.open(peer.url);
      const failure = failureOf(toDuplex(socket));
      socket.close();

      expect(await failure).to.have.property('name', 'ConnectionError');
    });

    it('gives an attempt up when it is destroyed', async () => {
      socket.open(peer.url);
      const stream = toDuplex(socket);
      stream.destroy();

      expect(socket.state()).to.equal(SocketState.UnconnectedState);
      await once(stream, 'close');
    });

    it('is destroyed by a signal, also one that was aborted before', async () => {
      const controller = new AbortController();
      socket.open(peer.url);
      const stream = toDuplex(socket, { signal: controller.signal });
      const failure = failureOf(stream);
      controller.abort();
      expect(await failure).to.have.property('name', 'AbortError');

      socket.open(peer.url);
      const late = toDuplex(socket, { signal: AbortSignal.abort() });
      expect(await failureOf(late)).to.have.property('name', 'AbortError');
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    });
  });

  describe('of any socket', () => {
    let socket: TestSocket;

    beforeEach(() => {
      socket = new TestSocket();
    });

    it('takes one that is opened in the same turn', async () => {
      const stream = toDuplex(socket);
      socket.connect();
      socket.backend.connection().binaryMessage(Uint8Array.of(1));

      const [chunk] = (await once(stream, 'data')) as [Buffer];
      expect([...chunk]).to.deep.equal([1]);
    });

    it('fails for one that is not opened', async () => {
      expect(await failureOf(toDuplex(socket))).to.have.property(
        'message',
        'The socket is not connected; its close code is 1000.',
      );
    });

    it('fails when it is destroyed', async () => {
      socket.connect();
      const failure = failureOf(toDuplex(socket));
      socket[Symbol.dispose]();

      expect(await failure).to.have.property('name', 'ConnectionError');
    });

    it('fails when it is opened anew, and leaves it alone', async () => {
      socket.connect();
      const failure = failureOf(toDuplex(socket));
      socket.open('ws://host.example/');

      expect(await failure).to.have.property('name', 'ConnectionError');
      expect(socket.state()).to.equal(SocketState.ConnectingState);
    });

    it('holds the peer back while nobody reads', async () => {
      socket.connect();
      const stream = toDuplex(socket, { readableHighWaterMark: 4 });
      const peer = socket.backend.connection();
      peer.binaryMessage(new Uint8Array(3));
      expect(socket.backend.asked.at(-1)).to.not.deep.equal(['holdBack']);
      peer.binaryMessage(new Uint8Array(3));
      expect(socket.backend.asked.at(-1)).to.deep.equal(['holdBack']);

      stream.read();
      expect(socket.backend.asked.at(-1)).to.deep.equal(['letGo']);
    });

    it('lets writes wait while much waits for the system', async () => {
      socket.connect();
      const stream = toDuplex(socket, { writableHighWaterMark: 100 });
      const written = sinon.spy();
      socket.backend.waiting = 101;
      stream.write('one', written);
      await setImmediate();
      sinon.assert.notCalled(written);

      socket.backend.waiting = 100;
      socket.backend.connection().bytesWritten(1);
      await setImmediate();
      sinon.assert.calledOnce(written);
    });

    it('sends what a limit to the backlog has refused when there is room', async () => {
      socket.connect();
      const stream = toDuplex(socket);
      const send = sinon.stub(socket.backend, 'sendBinary').returns(0);
      const written = sinon.spy();
      stream.write('one', written);
      await setImmediate();
      sinon.assert.notCalled(written);

      send.restore();
      socket.backend.connection().bytesWritten(1);
      await setImmediate();
      sinon.assert.calledOnceWithExactly(written, null);
      expect(socket.backend.asked.at(-1)).to.deep.equal(['sendBinary', [...Buffer.from('one')]]);
    });

    it('fails when the peer closes before all was written', async () => {
      socket.connect();
      const stream = toDuplex(socket, { writableHighWaterMark: 100 });
      const failure = failureOf(stream);
      socket.backend.waiting = 101;
      stream.write('one');
      socket.backend.connection().closing(1000, '');
      socket.backend.connection().closed();

      expect(await failure).to.have.property('closeCode', 1000);
    });

    it('is not read twice: what it is rejected with is told once', async () => {
      socket.connect();
      const rejection = rejectionOf(buffer(toDuplex(socket)));
      socket.backend.connection().lost(SocketError.NetworkError, 'Cut.');
      socket.backend.connection().closed();

      expect(await rejection).to.have.property('message', 'Cut.');
    });
  });
});

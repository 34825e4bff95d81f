import { expect } from 'chai';
import sinon from 'sinon';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { emitted } from '../../lib/websockets/emitted.ts';
import { Bell } from '../support/bell.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { slotsOf } from '../support/slots-of.ts';

describe('emitted()', () => {
  let bell: Bell;

  beforeEach(() => {
    bell = new Bell();
  });

  it('is resolved with the arguments of the next emission', async () => {
    const wait = emitted(bell.rung);
    bell.ring(3);
    bell.ring(4);

    expect(await wait).to.deep.equal([3, 'a']);
    expect(slotsOf(bell)).to.equal(0);
  });

  it('takes an object and the name of its signal', async () => {
    const wait = emitted(bell, 'rung', { timeout: 1000 });
    bell.ring(3);

    expect(await wait).to.deep.equal([3, 'a']);
  });

  it('knows the types of the arguments', () => {
    const waits: Promise<[times: number, note: string]>[] = [
      emitted(bell.rung),
      emitted(bell, 'rung'),
    ];
    // @ts-expect-error there is no such signal
    void emitted(bell, 'wrung');
    // @ts-expect-error it carries a number first
    waits.push(emitted(bell.rung) satisfies Promise<[string]>);
    expect(waits).to.have.lengthOf(3);
  });

  it('is rejected when the object is destroyed', async () => {
    const failure = rejectionOf(emitted(bell.rung));
    bell[Symbol.dispose]();

    expect(await failure).to.have.property(
      'message',
      'The object was destroyed before rung was emitted.',
    );
  });

  it('is rejected when the object has been destroyed', async () => {
    bell[Symbol.dispose]();

    expect(await rejectionOf(emitted(bell.rung))).to.have.property(
      'message',
      'The object has been destroyed: rung is not emitted any more.',
    );
  });

  it('waits for the end of an object', async () => {
    const end = emitted(bell.destroyed);
    bell[Symbol.dispose]();

    expect(await end).to.deep.equal([bell]);
  });

  it('is rejected with the reason of an abort', async () => {
    const controller = new AbortController();
    const failure = rejectionOf(emitted(bell.rung, { signal: controller.signal }));
    controller.abort(new Error('enough'));

    expect(await failure).to.have.property('message', 'enough');
    expect(slotsOf(bell)).to.equal(0);
  });

  it('connects nothing when it is aborted before', async () => {
    const failure = rejectionOf(emitted(bell.rung, { signal: AbortSignal.abort('enough') }));

    expect(slotsOf(bell)).to.equal(0);
    expect(await failure).to.equal('enough');
  });

  it('leaves nothing at the signal of an abort', async () => {
    const { signal } = new AbortController();
    const remove = sinon.spy(signal, 'removeEventListener');
    const add = sinon.spy(signal, 'addEventListener');
    const wait = emitted(bell.rung, { signal });
    bell.ring(1);
    await wait;

    sinon.assert.calledOnceWithExactly(remove, 'abort', add.firstCall.args[1]);
  });

  describe('with a timeout', () => {
    let clock: sinon.SinonFakeTimers;

    beforeEach(() => {
      clock = sinon.useFakeTimers();
    });

    afterEach(() => {
      clock.restore();
    });

    it('is rejected when that is over', async () => {
      const failure = rejectionOf(emitted(bell.rung, { timeout: 1000 }));
      clock.tick(1000);

      expect(await failure).to.deep.include({
        name: 'TimeoutError',
        message: 'rung was not emitted within 1000 ms.',
      });
      expect(slotsOf(bell)).to.equal(0);
    });

    it('leaves no timer', async () => {
      const wait = emitted(bell.rung, { timeout: 1000 });
      bell.ring(1);
      await wait;

      expect(clock.countTimers()).to.equal(0);
    });

    for (const timeout of [undefined, -1, Infinity]) {
      it(`waits for ever with ${timeout}`, () => {
        void emitted(bell.rung, { timeout });

        expect(clock.countTimers()).to.equal(0);
      });
    }

    it('is rejected for what is no number', async () => {
      expect(await rejectionOf(emitted(bell.rung, { timeout: NaN }))).to.be.instanceOf(RangeError);
    });
  });

  describe('of a socket', () => {
    let socket: TestSocket;

    beforeEach(() => {
      socket = new TestSocket();
    });

    it('is rejected when the attempt fails', async () => {
      socket.open('ws://host.example/');
      const failure = rejectionOf(emitted(socket.connected));
      socket.backend.connection().handshakeFailed(SocketError.ConnectionRefusedError, 'Refused.');

      expect(await failure).to.deep.include({
        name: 'ConnectionError',
        message: 'Refused.',
        error: SocketError.ConnectionRefusedError,
      });
      expect(slotsOf(socket)).to.equal(0);
    });

    it('is rejected when there is nothing at the other end', async () => {
      socket.open('ws://host.example/');
      const failure = rejectionOf(emitted(socket.connected));
      socket.backend.connection().unreachable(SocketError.HostNotFoundError, 'Not found.');

      expect(await failure).to.have.property('message', 'Not found.');
    });

    it('is rejected when open() has failed before', async () => {
      socket.open('');

      expect(await rejectionOf(emitted(socket.connected))).to.have.property(
        'name',
        'ConnectionError',
      );
    });

    it('is rejected when the peer closes', async () => {
      socket.connect();
      const failure = rejectionOf(emitted(socket.textMessageReceived));
      socket.backend.connection().closing(1001, 'away');
      socket.backend.connection().closed();

      expect(await failure).to.deep.include({ closeCode: 1001, closeReason: 'away' });
    });

    it('is rejected for a message when there is no connection', async () => {
      expect(await rejectionOf(emitted(socket.textMessageReceived))).to.deep.include({
        name: 'ConnectionError',
        message: 'The socket is not connected; its close code is 1000.',
      });
    });

    it('waits for a connection that is opened later', async () => {
      const wait = emitted(socket.connected);
      await Promise.resolve();
      socket.connect();

      expect(await wait).to.deep.equal([]);
    });

    it('waits for a message when open() follows', async () => {
      const wait = emitted(socket.textMessageReceived);
      socket.connect();
      await Promise.resolve();
      socket.backend.connection().textMessage('Hello');

      expect(await wait).to.deep.equal(['Hello']);
    });

    for (const name of ['disconnected', 'readChannelFinished', 'errorOccurred', 'stateChanged']) {
      it(`waits for ${name} through the end`, async () => {
        socket.connect();
        const wait = emitted(socket, name as 'disconnected');
        socket.backend.connection().lost(SocketError.NetworkError, 'Cut.');
        socket.backend.connection().closed();

        await wait;
        expect(slotsOf(socket)).to.equal(0);
      });
    }
  });
});

import { expect } from 'chai';
import sinon from 'sinon';
import { SocketError, SocketState } from '../../lib/network/qabstractsocket.ts';
import { opened } from '../../lib/websockets/opened.ts';
import { QWebSocketHandshakeOptions } from '../../lib/websockets/qwebsockethandshakeoptions.ts';
import { TestSocket } from '../support/fake-backend.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { slotsOf } from '../support/slots-of.ts';

const ADDRESS = 'ws://host.example/';

describe('opened()', () => {
  let socket: TestSocket;

  beforeEach(() => {
    socket = new TestSocket();
  });

  it('opens, and is resolved when the socket is connected', async () => {
    const done = opened(socket, ADDRESS);
    expect(socket.state()).to.equal(SocketState.ConnectingState);
    socket.backend.connection().opened('');

    await done;
    expect(slotsOf(socket)).to.equal(0);
  });

  it('hands the options of the handshake over', () => {
    const handshakeOptions = new QWebSocketHandshakeOptions();
    handshakeOptions.setSubprotocols(['chat']);
    void opened(socket, ADDRESS, { handshakeOptions });

    expect(socket.backend.request?.subprotocols).to.deep.equal(['chat']);
  });

  it('lets the peer wait until those who wait have run on', async () => {
    const clock = sinon.useFakeTimers({ toFake: ['setImmediate'] });
    try {
      const done = opened(socket, ADDRESS);
      socket.backend.connection().opened('');
      expect(socket.backend.asked.at(-1)).to.deep.equal(['holdBack']);
      await done;
      expect(socket.backend.asked.at(-1)).to.deep.equal(['holdBack']);

      clock.runAll();
      expect(socket.backend.asked.at(-1)).to.deep.equal(['letGo']);
    } finally {
      clock.restore();
    }
  });

  it('is rejected when the attempt fails', async () => {
    const failure = rejectionOf(opened(socket, ADDRESS));
    socket.backend.connection().unreachable(SocketError.HostNotFoundError, 'Not found.');

    expect(await failure).to.deep.include({
      name: 'ConnectionError',
      message: 'Not found.',
      error: SocketError.HostNotFoundError,
    });
    expect(slotsOf(socket)).to.equal(0);
  });

  it('leaves the attempt alone that a slot has begun when it failed', async () => {
    const failure = rejectionOf(opened(socket, ADDRESS));
    socket.once('errorOccurred', () => socket.open(ADDRESS));
    socket.backend.connection().unreachable(SocketError.HostNotFoundError, 'Not found.');
    await failure;

    expect(socket.state()).to.equal(SocketState.ConnectingState);
  });

  it('is rejected when there is nothing to open', async () => {
    const error = await rejectionOf(opened(socket, 'http://host.example:port/'));

    expect(error).to.have.property('error', SocketError.ConnectionRefusedError);
    expect(slotsOf(socket)).to.equal(0);
  });

  it('is rejected when there is nothing to open, and leaves what is open', async () => {
    socket.open(ADDRESS);
    socket.backend.connection().opened('');

    expect(await rejectionOf(opened(socket, ''))).to.have.property('name', 'ConnectionError');
    expect(socket.state()).to.equal(SocketState.ConnectedState);
  });

  it('is rejected when the attempt is given up', async () => {
    const failure = rejectionOf(opened(socket, ADDRESS));
    socket.abort();

    expect(await failure).to.have.property('name', 'ConnectionError');
  });

  it('gives the attempt up when it is aborted', async () => {
    const controller = new AbortController();
    const failure = rejectionOf(opened(socket, ADDRESS, { signal: controller.signal }));
    controller.abort(new Error('enough'));

    expect(await failure).to.have.property('message', 'enough');
    expect(socket.state()).to.equal(SocketState.UnconnectedState);
    expect(slotsOf(socket)).to.equal(0);
  });

  it('opens nothing when it is aborted before', async () => {
    const signal = AbortSignal.abort(new Error('enough'));

    expect(await rejectionOf(opened(socket, ADDRESS, { signal }))).to.have.property(
      'message',
      'enough',
    );
    expect(socket.backend.asked).to.deep.equal([]);
  });

  it('does nothing to the connection when it is aborted later', async () => {
    const controller = new AbortController();
    const done = opened(socket, ADDRESS, { signal: controller.signal });
    socket.backend.connection().opened('');
    await done;
    controller.abort();

    expect(socket.state()).to.equal(SocketState.ConnectedState);
  });

  it('gives the attempt up when the timeout is over', async () => {
    const clock = sinon.useFakeTimers();
    try {
      const failure = rejectionOf(opened(socket, ADDRESS, { timeout: 1000 }));
      clock.tick(1000);

      expect(await failure).to.have.property('name', 'TimeoutError');
      expect(socket.state()).to.equal(SocketState.UnconnectedState);
    } finally {
      clock.restore();
    }
  });
});

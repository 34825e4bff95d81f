import { expect } from 'chai';
import sinon from 'sinon';
import { Outbox, type OutboxLimits } from '../../lib/websockets/outbox.ts';
import { QWebSocketPreparedMessage } from '../../lib/websockets/qwebsocketpreparedmessage.ts';
import { KeptSocket } from '../support/kept-socket.ts';

const LIMITS: OutboxLimits = { maxUnsentMessages: 5, maxUnsentBytes: 100 };

describe('Outbox', () => {
  let socket: KeptSocket;
  let refused: sinon.SinonSpy;
  let outbox: Outbox;

  beforeEach(() => {
    socket = KeptSocket.connected();
    refused = sinon.spy();
    outbox = new Outbox(socket, LIMITS, refused);
  });

  function keep(...texts: string[]): number[] {
    return texts.map((text) => outbox.keep(QWebSocketPreparedMessage.fromText(text)));
  }

  function sent(): unknown[] {
    return socket.backend.asked.filter(([name]) => name === 'sendPrepared').map(([, what]) => what);
  }

  it('keeps messages until it is opened, and sends them in their order', () => {
    expect(keep('1', '22')).to.deep.equal([1, 2]);
    expect([outbox.count, outbox.size]).to.deep.equal([2, 3]);
    expect(outbox.isPassing).to.equal(false);
    outbox.open();

    expect(sent()).to.deep.equal(['1', '22']);
    expect([outbox.count, outbox.size]).to.deep.equal([0, 0]);
    expect(outbox.isPassing).to.equal(true);
  });

  it('keeps no more messages than it may, nor bytes', () => {
    expect(keep('1', '2', '3', '4', '5', '6').at(-1)).to.equal(0);
    outbox.take();

    expect(keep('x'.repeat(60), 'é'.repeat(21), 'é'.repeat(20))).to.deep.equal([60, 0, 40]);
  });

  it('has room again for what was sent, also while the rest waits', () => {
    keep('1', '2', '3', '4', '5');
    sinon.stub(socket.backend, 'sendPrepared').callsFake(({ text }) => text !== '4');
    socket.backend.waiting = 1;
    outbox.open();
    expect(outbox.count).to.equal(2);
    expect(keep('6', '7', '8', '9')).to.deep.equal([1, 1, 1, 0]);

    expect(outbox.take()).to.deep.equal(['4', '5', '6', '7', '8']);
    expect(outbox.size).to.equal(0);
  });

  it('goes on when the socket has room again, unless it was closed meanwhile', () => {
    keep('1', '2');
    socket.backend.isRoomy = false;
    socket.backend.waiting = 2;
    outbox.open();
    outbox.close();
    socket.backend.isRoomy = true;
    socket.backend.take(1);
    expect(outbox.count).to.equal(2);
    outbox.open();

    expect(outbox.count).to.equal(0);
  });

  it('sends each message once, also when there was room to wait for in the connection before', () => {
    keep('1', '2');
    socket.backend.isRoomy = false;
    socket.backend.waiting = 2;
    outbox.open();
    outbox.close();
    const taken: unknown[] = [];
    sinon.stub(socket.backend, 'sendPrepared').callsFake(({ text }) => {
      taken.push(text);
      socket.backend.take(0);
      return true;
    });
    outbox.open();

    expect(taken).to.deep.equal(['1', '2']);
  });

  it('throws away what the socket does not take although nothing waits there', () => {
    keep('huge', 'small');
    sinon.stub(socket.backend, 'sendPrepared').callsFake(({ text }) => text !== 'huge');
    outbox.open();

    sinon.assert.calledOnceWithExactly(refused, 'huge');
    expect(outbox.count).to.equal(0);
  });

  it('sends many as fast as few', () => {
    const many = { maxUnsentMessages: Infinity, maxUnsentBytes: Infinity };
    outbox = new Outbox(socket, many, refused);
    const message = QWebSocketPreparedMessage.fromText('x');
    for (let count = 0; count < 400_000; count++) outbox.keep(message);
    let taken = 0;
    socket.backend.sendPrepared = () => ++taken > 0;
    // When each moved all that follow, half as many took two seconds.
    outbox.open();

    expect(taken).to.equal(400_000);
    expect(outbox.count).to.equal(0);
  });
});

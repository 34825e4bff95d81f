import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { ConnectionError } from '../../lib/websockets/connection-error.ts';
import { drained } from '../../lib/websockets/drained.ts';
import { KeptSocket } from '../support/kept-socket.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { slotsOf } from '../support/slots-of.ts';

describe('drained()', () => {
  let socket: KeptSocket;

  beforeEach(() => {
    socket = KeptSocket.connected();
    socket.backend.isStalled = true;
  });

  it('is resolved at once when no more than 64 KiB wait', async () => {
    socket.backend.waiting = 65_536;
    await drained(socket);
  });

  it('is resolved when the system has taken all above the mark', async () => {
    socket.backend.waiting = 100;
    let isOver = false;
    const wait = drained(socket, { mark: 50 }).then(() => (isOver = true));
    socket.backend.take(49);
    await Promise.resolve();
    expect(isOver).to.equal(false);
    socket.backend.take(1);

    await wait;
    expect(slotsOf(socket)).to.equal(0);
  });

  it('is rejected when the connection ends', async () => {
    socket.backend.waiting = 100;
    const failure = rejectionOf(drained(socket, { mark: 50 }));
    socket.backend.connection().closing(4001, 'bye');
    socket.backend.take();
    await setImmediate();
    socket.backend.connection().closed();

    expect(await failure).to.be.instanceOf(ConnectionError);
    expect(await failure).to.have.property('closeCode', 4001);
    expect(await rejectionOf(drained(socket))).to.be.instanceOf(ConnectionError);
    expect(slotsOf(socket)).to.equal(0);
  });

  it('is rejected with the reason of an abort signal', async () => {
    socket.backend.waiting = 100;
    const controller = new AbortController();
    const { signal } = controller;
    const failure = rejectionOf(drained(socket, { mark: 50, signal }));
    controller.abort('enough');

    expect(await failure).to.equal('enough');
    expect(await rejectionOf(drained(socket, { signal }))).to.equal('enough');
    expect(slotsOf(socket)).to.equal(0);
  });
});

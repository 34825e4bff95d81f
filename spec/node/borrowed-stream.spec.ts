import { expect } from 'chai';
import { Duplex } from 'node:stream';
import sinon from 'sinon';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { BorrowedStream } from '../../lib/node/borrowed-stream.ts';

/** A stream whose other end is a spec. */
function openStream(): Duplex {
  return new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => done() });
}

function borrow(stream: Duplex) {
  const received = sinon.spy();
  const broken = sinon.spy();
  const borrowed = new BorrowedStream(stream, { received, broken });
  borrowed.take();
  return { borrowed, received, broken };
}

/** Streams start to flow in the next turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('BorrowedStream', () => {
  it('tells what comes', async () => {
    const stream = openStream();
    const { received } = borrow(stream);

    stream.push('ab');
    await turn();

    sinon.assert.calledOnceWithExactly(received, Buffer.from('ab'));
  });

  it('gives the stream back paused and without listeners', async () => {
    const stream = openStream();
    const { borrowed, received, broken } = borrow(stream);

    borrowed.giveBack();
    stream.push('ab');
    await turn();

    sinon.assert.notCalled(received);
    expect(stream.isPaused()).to.equal(true);
    for (const event of ['data', 'end', 'error', 'close']) {
      expect(stream.listenerCount(event), event).to.equal(openStream().listenerCount(event));
    }
    stream.destroy();
    await turn();
    sinon.assert.notCalled(broken);
  });

  it('leaves other listeners alone', () => {
    const stream = openStream();
    const other = sinon.spy();
    stream.on('data', other);
    const { borrowed } = borrow(stream);

    borrowed.giveBack();

    expect(stream.listeners('data')).to.deep.equal([other]);
  });

  it('can take it again', async () => {
    const stream = openStream();
    const { borrowed, received } = borrow(stream);
    borrowed.giveBack();
    borrowed.giveBack();

    borrowed.take();
    stream.push('ab');
    await turn();

    sinon.assert.calledOnce(received);
  });

  const ends: Record<string, [end: (stream: Duplex) => void, error: SocketError]> = {
    'has ended': [(stream) => stream.push(null), SocketError.RemoteHostClosedError],
    'is closed': [(stream) => stream.destroy(), SocketError.RemoteHostClosedError],
    'has failed': [
      (stream) => stream.destroy(Object.assign(new Error('x'), { code: 'ETIMEDOUT' })),
      SocketError.SocketTimeoutError,
    ],
  };
  for (const [what, [end, error]] of Object.entries(ends)) {
    it(`tells once when the stream ${what}`, async () => {
      const stream = openStream();
      const { broken } = borrow(stream);

      end(stream);
      await turn();
      stream.destroy();
      await turn();

      sinon.assert.calledOnceWithMatch(broken, { error });
    });
  }

  it('tells nothing of an error when another listener gives the stream back', async () => {
    const stream = openStream();
    const broken = sinon.spy();
    const borrowed = new BorrowedStream(stream, { received: () => {}, broken });
    stream.on('error', () => borrowed.giveBack());
    borrowed.take();

    stream.destroy(new Error('x'));
    await turn();

    sinon.assert.notCalled(broken);
  });

  it('hears the last error of a broken stream', async () => {
    const stream = openStream();
    const { broken } = borrow(stream);
    stream.push(null);
    await turn();

    // Nobody listening, this would end the program.
    stream.destroy(new Error('x'));
    await turn();

    sinon.assert.calledOnce(broken);
  });
});

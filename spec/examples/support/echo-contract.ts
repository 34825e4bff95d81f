import { expect } from 'chai';
import type { Peer } from './peer.ts';

/** What every echo server does, for the peers that `connect` makes, until `close` closes it. */
export function itEchoes(connect: () => Promise<Peer>, close: () => void): void {
  it('sends texts back as texts', async () => {
    const peer = await connect();

    peer.send('Hällo, wörld! 👋');

    expect(await peer.next()).to.equal('Hällo, wörld! 👋');
  });

  it('sends bytes back as bytes', async () => {
    const peer = await connect();
    const bytes = Buffer.from([0, 1, 127, 128, 255]);

    peer.send(bytes);

    expect(await peer.next()).to.deep.equal(bytes);
  });

  it('answers each client with its own messages', async () => {
    const [first, second] = [await connect(), await connect()];

    first.send('one');
    second.send('two');

    expect([await first.next(), await second.next()]).to.deep.equal(['one', 'two']);
  });

  it('goes on when a client has left', async () => {
    const [first, second] = [await connect(), await connect()];
    first.socket.terminate();
    await first.closed;

    second.send('still there');

    expect(await second.next()).to.equal('still there');
  });

  it('leaves its clients with 1001 when it is closed', async () => {
    const peer = await connect();
    peer.send('hello');
    await peer.next();

    close();

    expect((await peer.closed)[0]).to.equal(1001);
  });
}

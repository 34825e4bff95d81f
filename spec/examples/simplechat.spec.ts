import { expect } from 'chai';
import { stub, type SinonStub } from 'sinon';
import { ChatServer } from '../../examples/simplechat/chatserver.ts';
import { Peer } from './support/peer.ts';

describe('the example simplechat', () => {
  let print: SinonStub;
  let server: ChatServer;
  let url: string;

  beforeEach(() => {
    print = stub(console, 'log');
    server = new ChatServer(0);
    url = `ws://127.0.0.1:${server.port()}`;
  });

  afterEach(() => {
    print.restore();
    Peer.killAll();
    server.close();
  });

  /** Waits until `count` lines have been printed. */
  async function lines(count: number): Promise<string[]> {
    if (print.callCount < count) {
      await new Promise<void>((resolve) => {
        print.callsFake(() => {
          if (print.callCount >= count) resolve();
        });
      });
    }
    return print.args.map(([line]) => String(line));
  }

  it('passes a text on to everyone but its sender', async () => {
    const [alice, bob, carol] = [
      await Peer.connect(url),
      await Peer.connect(url),
      await Peer.connect(url),
    ];
    await lines(4);

    alice.send('alice: hello');
    expect([await bob.next(), await carol.next()]).to.deep.equal(['alice: hello', 'alice: hello']);
    bob.send('bob: hi');

    expect([await alice.next(), await carol.next()]).to.deep.equal(['bob: hi', 'bob: hi']);
  });

  it('ignores bytes', async () => {
    const [alice, bob] = [await Peer.connect(url), await Peer.connect(url)];
    await lines(3);

    alice.send(Buffer.from('bytes'));
    alice.send('text');

    expect(await bob.next()).to.equal('text');
  });

  it('tells who comes and goes', async () => {
    const alice = await Peer.connect(url);
    await lines(2);
    alice.socket.close();

    const [listening, connected = '', disconnected] = await lines(3);

    expect(listening).to.equal('Chat Server listening on port 0');
    expect(connected).to.match(/^(::ffff:)?127\.0\.0\.1:\d+ connected!$/);
    expect(disconnected).to.equal(connected.replace('connected', 'disconnected'));
  });

  it('goes on when somebody has left', async () => {
    const [alice, bob, carol] = [
      await Peer.connect(url),
      await Peer.connect(url),
      await Peer.connect(url),
    ];
    alice.socket.terminate();
    await lines(5);

    bob.send('bob: still here?');

    expect(await carol.next()).to.equal('bob: still here?');
  });
});

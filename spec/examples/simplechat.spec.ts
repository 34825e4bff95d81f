import { expect } from 'chai';
import { stub, type SinonStub } from 'sinon';
import { ChatServer } from '../../examples/simplechat/chatserver.ts';
import { Peer } from './support/peer.ts';
import { Program } from './support/program.ts';

describe('the example simplechat', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  describe('ChatServer', () => {
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
      expect([await bob.next(), await carol.next()]).to.deep.equal([
        'alice: hello',
        'alice: hello',
      ]);
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

      expect(listening).to.equal(`Chat Server listening on port ${server.port()}`);
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

  describe('as a program', () => {
    afterEach(() => {
      Peer.killAll();
      Program.killAll();
    });

    it('tells on stdout who comes and goes', async () => {
      const program = new Program('simplechat/main', '-p', '0');
      const [, port] = await program.prints(/^Chat Server listening on port (\d+)\n/);
      const peer = await Peer.connect(`ws://127.0.0.1:${port}`);
      await program.prints(/connected!\n/);
      peer.socket.close();
      await program.prints(/disconnected!\n/);

      program.signal('SIGTERM');

      const { stdout, stderr } = await program.ended;
      expect(stdout).to.match(
        /^.+\n((?:::ffff:)?127\.0\.0\.1:\d+) connected!\n\1 disconnected!\n$/,
      );
      expect(stderr).to.equal('');
    });

    it('listens on port 1234 unless told otherwise', async () => {
      const { code, stdout } = await new Program('simplechat/main', '--help').ended;

      expect(code).to.equal(0);
      expect(stdout).to.contain('[default: 1234]');
    });

    it('refuses what is no port', async () => {
      const ending = await new Program('simplechat/main', '--port=chat').ended;

      expect(ending).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'simplechat: The port must be a whole number from 0 to 65535.\n',
      });
    });

    it('says so when the port is taken', async () => {
      const first = new Program('simplechat/main', '-p0');
      const [, port] = await first.prints(/listening on port (\d+)\n/);

      const { code, stderr } = await new Program('simplechat/main', `-p${port}`).ended;

      expect(code).to.equal(1);
      expect(stderr).to.match(/^simplechat: Cannot listen on port \d+: .+\n$/);
    });
  });
});

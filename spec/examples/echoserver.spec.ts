import { expect } from 'chai';
import { EchoServer } from '../../examples/echoserver/echoserver.ts';
import { itEchoes } from './support/echo-contract.ts';
import { Peer } from './support/peer.ts';
import { freePort } from '../support/ports.ts';
import { Program } from './support/program.ts';

describe('the example echoserver', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  afterEach(() => {
    Peer.killAll();
    Program.killAll();
  });

  describe('EchoServer', () => {
    let server: EchoServer;
    let url: string;

    beforeEach(() => {
      server = new EchoServer(0);
      url = `ws://127.0.0.1:${server.port()}`;
    });

    afterEach(() => {
      server.close();
    });

    itEchoes(
      () => Peer.connect(url),
      () => server.close(),
    );
  });

  describe('as a program', () => {
    it('tells what it does with --debug', async () => {
      const port = await freePort();
      const program = new Program('echoserver/main', '--debug', `--port=${port}`);
      await program.prints(new RegExp(`^Echoserver listening on port ${port}\n`));
      const peer = await Peer.connect(`ws://localhost:${port}`);

      peer.send('say "hi"');
      peer.send(Buffer.from('a\\b\x00'));
      await peer.next();
      await peer.next();
      peer.socket.close();

      await program.prints(/socketDisconnected: QWebSocket\(0x[0-9a-f]+\)\n/);
      program.signal('SIGTERM');
      const { stdout, stderr } = await program.ended;
      expect(stdout).to.equal('');
      expect(stderr.split('\n').slice(1, 3)).to.deep.equal([
        'Message received: "say \\"hi\\""',
        'Binary Message received: "a\\\\b\\x00"',
      ]);
    });

    it('is silent without it', async () => {
      const port = await freePort();
      const program = new Program('echoserver/main', '-p', String(port));
      const peer = await connectWhenListening(`ws://localhost:${port}`);

      peer.send('hello');
      await peer.next();

      program.signal('SIGTERM');
      expect(await program.ended).to.deep.include({ stdout: '', stderr: '' });
    });

    it('explains its options', async () => {
      const { code, stdout } = await new Program('echoserver/main', '--help').ended;

      expect(code).to.equal(0);
      expect(stdout).to.equal(
        [
          'Usage: echoserver [options]',
          'QtWebSockets example: echoserver',
          '',
          'Options:',
          '  -h, --help         Displays help on commandline options.',
          '  -d, --debug        Debug output [default: off].',
          '  -p, --port <port>  Port for echoserver [default: 1234].',
          '',
        ].join('\n'),
      );
    });

    for (const port of ['12x', '65536', '']) {
      it(`takes the port '${port}' for 0, as Qt does`, async () => {
        const program = new Program('echoserver/main', '-d', `--port=${port}`);

        await program.prints(/^Echoserver listening on port 0\n/);
      });
    }

    const mistakes: [args: string[], message: string][] = [
      [['--fast'], "Unknown option 'fast'."],
      [['-x'], "Unknown option 'x'."],
      [['--port'], "Missing value after '--port'."],
      [['--debug=1'], "Unexpected value after '--debug'."],
    ];
    for (const [args, message] of mistakes) {
      it(`refuses ${args.join(' ')}`, async () => {
        const ending = await new Program('echoserver/main', ...args).ended;

        expect(ending).to.deep.equal({ code: 1, stdout: '', stderr: `echoserver: ${message}\n` });
      });
    }

    it('says so when the port is taken', async () => {
      const other = new EchoServer(0);

      const { code, stderr } = await new Program('echoserver/main', `-p${other.port()}`).ended;

      other.close();
      expect(code).to.equal(1);
      expect(stderr).to.match(/^echoserver: Cannot listen on port \d+: .+\n$/);
    });
  });
});

/** Without --debug the server does not tell when it is ready, as in Qt. */
async function connectWhenListening(url: string): Promise<Peer> {
  for (;;) {
    try {
      return await Peer.connect(url);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNREFUSED') throw error;
    }
  }
}

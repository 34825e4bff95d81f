import { expect } from 'chai';
import { EchoServer } from '../../examples/echoserver/echoserver.ts';
import { freePort } from '../support/ports.ts';
import { Program } from './support/program.ts';

describe('the example echoclient', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  afterEach(() => {
    Program.killAll();
  });

  describe('with an echoserver', () => {
    let server: EchoServer;

    beforeEach(() => {
      server = new EchoServer(0);
    });

    afterEach(() => {
      server.close();
    });

    it('tells what it does with -d', async () => {
      const port = String(server.port());

      const ending = await new Program('echoclient/main', '-d', '-p', port).ended;

      expect(ending).to.deep.equal({
        code: 0,
        stdout: '',
        stderr: [
          `WebSocket server: QUrl("ws://localhost:${port}")`,
          'WebSocket connected',
          'Message received: "Hello, world!"',
          '',
        ].join('\n'),
      });
    });

    it('is silent without it', async () => {
      const port = String(server.port());

      const ending = await new Program('echoclient/main', '-n', '127.0.0.1', '--port', port).ended;

      expect(ending).to.deep.equal({ code: 0, stdout: '', stderr: '' });
    });
  });

  it('ends silently when nothing listens', async () => {
    const port = String(await freePort());

    const ending = await new Program('echoclient/main', '--port', port).ended;

    expect(ending).to.deep.equal({ code: 0, stdout: '', stderr: '' });
  });

  for (const port of ['0', '65536', '-1', '12x', 'http']) {
    it(`refuses the port ${port}`, async () => {
      const { code, stdout, stderr } = await new Program('echoclient/main', `--port=${port}`).ended;

      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.match(
        /^Port invalid, must be a number between 1 and 65535\nUsage: echoclient \[options\]\n/,
      );
    });
  }
});

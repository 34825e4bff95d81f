import { expect } from 'chai';
import { NOBODY } from '../support/ports.ts';
import { Program } from './support/program.ts';

describe('the example sslechoclient', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let server: Program;
  let port: string;

  before(async () => {
    server = new Program('sslechoserver/main', '-p', '0');
    port = (await server.prints(/listening on port (\d+)\n/))[1]!;
  });

  after(() => {
    Program.killAll();
  });

  it('hears its greeting again, and leaves', async () => {
    const ending = await new Program('sslechoclient/main', '-p', port).ended;

    expect(ending).to.deep.equal({
      code: 0,
      stdout: '',
      stderr: 'WebSocket connected\nMessage received: "Hello, world!"\n',
    });
  });

  it('finds the server by its address', async () => {
    const { stderr } = await new Program('sslechoclient/main', '-n', '127.0.0.1', `-p${port}`)
      .ended;

    expect(stderr).to.match(/^WebSocket connected\n/);
  });

  it('tells what is wrong with the certificate, and leaves with 0 as in Qt', async () => {
    const ending = await new Program('sslechoclient/main', '-n', '127.0.0.2', `-p${port}`).ended;

    expect(ending).to.deep.equal({
      code: 0,
      stdout: '',
      stderr:
        'SSL errors: QList("The host name did not match any of the valid hosts for this certificate")\n',
    });
  });

  it('says so when nothing listens', async () => {
    const { code, stderr } = await new Program('sslechoclient/main', `-p${NOBODY}`).ended;

    expect(code).to.equal(1);
    expect(stderr).to.match(/^WebSocket error: Connection refused .+\n$/);
  });

  for (const invalid of ['0', 'https']) {
    it(`refuses the port ${invalid}`, async () => {
      const { code, stdout, stderr } = await new Program('sslechoclient/main', '-p', invalid).ended;

      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.match(
        /^Port invalid, must be a number between 1 and 65535\nUsage: sslechoclient \[options\]\n/,
      );
    });
  }

  it('knows no -d, as in Qt', async () => {
    const { stderr } = await new Program('sslechoclient/main', '-d').ended;

    expect(stderr).to.equal("sslechoclient: Unknown option 'd'.\n");
  });
});

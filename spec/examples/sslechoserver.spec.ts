import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stub, type SinonStub } from 'sinon';
import { SslEchoServer } from '../../examples/sslechoserver/sslechoserver.ts';
import { programInPath } from '../support/program-in-path.ts';
import { itEchoes } from './support/echo-contract.ts';
import { Peer } from './support/peer.ts';
import { Program } from './support/program.ts';

const FOLDER = 'examples/sslechoserver';
const YEAR = 365 * 86_400_000;

describe('the example sslechoserver', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  const ca = readFileSync(`${FOLDER}/localhost.cert`, 'utf8');

  afterEach(() => {
    Peer.killAll();
    Program.killAll();
  });

  describe('SslEchoServer', () => {
    let print: SinonStub;
    let server: SslEchoServer;

    beforeEach(() => {
      print = stub(console, 'error');
      server = new SslEchoServer(0);
    });

    afterEach(() => {
      print.restore();
      server.close();
    });

    const connect = () => Peer.connect(`wss://localhost:${server.port()}`, undefined, ca);

    itEchoes(connect, () => server.close());

    it('has nothing to say to a client without TLS', async () => {
      const failure = await Peer.connect(`ws://localhost:${server.port()}`).then(
        () => 'connected',
        (error: unknown) => (error as Error).message,
      );

      expect(failure).to.match(/hang up|ECONNRESET|EPIPE/);
    });
  });

  describe('as a program', () => {
    it('tells who comes and goes', async () => {
      const program = new Program('sslechoserver/main', '--port', '0');
      const [, port] = await program.prints(/^SSL Echo Server listening on port (\d+)\n/);
      const peer = await Peer.connect(`wss://localhost:${port}`, 'http://page', ca);

      peer.send('hello');
      await peer.next();
      peer.socket.close();
      await program.prints(/Client disconnected\n/);

      program.signal('SIGTERM');
      const { stdout, stderr } = await program.ended;
      expect(stdout).to.equal('');
      expect(stderr.split('\n').slice(1)).to.deep.equal([
        'Client connected: "" "http://page"',
        'Client disconnected',
        '',
      ]);
    });

    it('listens on port 1234 unless told otherwise', async () => {
      const { code, stdout } = await new Program('sslechoserver/main', '--help').ended;

      expect(code).to.equal(0);
      expect(stdout).to.match(/^Usage: sslechoserver \[options\]\n.*\n\nOptions:\n/);
      expect(stdout).to.contain('[default: 1234]');
    });

    it('refuses what is no port', async () => {
      const ending = await new Program('sslechoserver/main', '-p', '65536').ended;

      expect(ending).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'sslechoserver: The port must be a whole number from 0 to 65535.\n',
      });
    });

    it('says so when the port is taken', async () => {
      const first = new Program('sslechoserver/main', '-p0');
      const [, port] = await first.prints(/listening on port (\d+)\n/);

      const { code, stderr } = await new Program('sslechoserver/main', `-p${port}`).ended;

      expect(code).to.equal(1);
      expect(stderr).to.match(/^sslechoserver: Cannot listen on port \d+: .+\n$/);
    });
  });

  describe('its certificate', () => {
    it('is valid for years to come', () => {
      itIsFine(FOLDER, 10 * YEAR);
    });

    it('can be made anew, valid for as long as is wanted', function () {
      const sh = programInPath('sh');
      if (sh === undefined || programInPath('openssl') === undefined) {
        // What makes it is needed only by those who want another one.
        this.skip();
      }
      const folder = mkdtempSync(join(tmpdir(), 'sslechoserver-'));
      try {
        cpSync(`${FOLDER}/generate.sh`, join(folder, 'generate.sh'));
        execFileSync(sh, [join(folder, 'generate.sh'), '400'], { stdio: 'ignore' });

        const { validTo } = itIsFine(folder, YEAR);
        expect(Date.parse(validTo)).to.be.lessThan(Date.now() + 401 * 86_400_000);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

    function itIsFine(folder: string, leastTime: number): X509Certificate {
      const certificate = new X509Certificate(readFileSync(join(folder, 'localhost.cert')));
      const key = createPrivateKey(readFileSync(join(folder, 'localhost.key')));
      expect(Date.parse(certificate.validFrom)).to.be.lessThan(Date.now() + 1000);
      expect(Date.parse(certificate.validTo)).to.be.greaterThan(Date.now() + leastTime);
      expect(certificate.checkHost('localhost')).to.equal('localhost');
      expect(certificate.checkIP('127.0.0.1')).to.equal('127.0.0.1');
      expect(certificate.checkIP('::1')).to.equal('::1');
      // Whoever trusts it trusts nothing else with it.
      expect(certificate.ca).to.equal(false);
      expect(certificate.checkPrivateKey(key)).to.equal(true);
      return certificate;
    }
  });
});

import { expect } from 'chai';
import { Peer } from '../../examples/support/peer.ts';
import { isRunning } from '../support/is-running.ts';
import { Qws } from '../support/qws.ts';

/** Says which process it is, and stays until its input ends. */
const STAY = 'console.log(process.pid); process.stdin.resume()';

describe('qws listen', () => {
  afterEach(() => {
    Peer.killAll();
    Qws.killAll();
  });

  it('gives the program its arguments without a shell', async () => {
    const program = 'console.log(JSON.stringify(process.argv.slice(1)))';
    const args = ['-e', program, '--', '$HOME; a  b', '--port'];
    const { url } = await Qws.serve('listen', '--exec', process.execPath, '--', ...args);

    const peer = await Peer.connect(url);

    expect(await peer.next()).to.equal(JSON.stringify(['$HOME; a  b', '--port']));
  });

  it('says so when there is no such program', async () => {
    const { qws, url } = await Qws.serve('listen', '--exec', './no-such-program');
    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1011, 'The program cannot be run.']);
    await qws.prints(/^127\.0\.0\.1 port \d+: the program cannot be run: .*ENOENT\n/);
  });

  it('tells who comes and goes with --verbose', async () => {
    const { qws, url } = await Qws.serve('listen', '--verbose', '--exec', 'true');

    await Peer.connect(`${url}/a%1bb`);

    await qws.prints(/^connected: 127\.0\.0\.1 port \d+, \/a.*b\ndisconnected: .*, 1000 \n/);
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`closes with 1001, ends the programs and ends with 0 on ${signal}`, async () => {
      const { qws, url } = await Qws.serve('listen', '--exec', process.execPath, '--', '-e', STAY);
      const peer = await Peer.connect(url);
      const pid = Number(await peer.next());

      qws.signal(signal);

      expect(await peer.closed).to.deep.equal([1001, 'The server is shutting down.']);
      expect((await qws.ended).code).to.equal(0);
      expect(isRunning(pid)).to.equal(false);
    });
  }

  it('ends with 1 and says why when the port is taken', async () => {
    const { url } = await Qws.serve('echo');
    const { port } = new URL(url);

    const { code, stderr } = await new Qws(['listen', '--exec', 'true', '--port', port]).ended;

    expect(code).to.equal(1);
    expect(stderr).to.match(/^error: .*EADDRINUSE/);
  });
});

import { expect } from 'chai';
import { Peer } from '../../examples/support/peer.ts';
import { Qws } from '../support/qws.ts';

/** Sends its input back. */
const CAT = 'process.stdin.pipe(process.stdout)';

/** Says which process it is, and stays until its input ends. */
const STAY = 'console.log(process.pid); process.stdin.resume()';

describe('qws listen', function () {
  // Starting processes takes a while on a busy machine.
  this.timeout(20_000);

  afterEach(() => {
    Peer.killAll();
    Qws.killAll();
  });

  function serve(program: string, ...options: string[]) {
    return Qws.serve('listen', ...options, '--exec', process.execPath, '--', '-e', program);
  }

  it('makes lines of messages, and messages of lines', async () => {
    const { url } = await serve(CAT);
    const peer = await Peer.connect(url);

    peer.send('Hällo');
    peer.send('');
    peer.send('two\nlines');

    const lines = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
    expect(lines).to.deep.equal(['Hällo', '', 'two', 'lines']);
  });

  it('runs a program for each connection', async () => {
    const { url } = await serve(STAY);

    const [one, other] = [await Peer.connect(url), await Peer.connect(url)];

    expect(await one.next()).to.not.equal(await other.next());
  });

  it('gives the program its arguments without a shell', async () => {
    const { url } = await Qws.serve(
      'listen',
      '--exec',
      process.execPath,
      '--',
      '-e',
      'console.log(JSON.stringify(process.argv.slice(1)))',
      '--',
      '$HOME; a  b',
      '--port',
    );

    const peer = await Peer.connect(url);

    expect(await peer.next()).to.equal(JSON.stringify(['$HOME; a  b', '--port']));
  });

  it('tells the program of the request, and not of its secrets', async () => {
    const program = 'console.log(JSON.stringify(process.env))';
    const { url } = await serve(program, '--allow-origin', 'https://app.example');

    const peer = await Peer.connect(`${url}/a%20b?c=%64`, 'https://app.example');

    const port = new URL(url).port;
    expect(await peer.nextObject()).to.deep.include({
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_ORIGIN: 'https://app.example',
      PATH_INFO: '/a b',
      QUERY_STRING: 'c=%64',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/a%20b?c=%64',
      SERVER_NAME: '127.0.0.1',
      SERVER_PORT: port,
    });
  });

  it('keeps foreign pages out, as the library does', async () => {
    const { url } = await serve(CAT);

    expect(await Peer.connect(url, 'https://evil.example').catch(String)).to.include('403');
  });

  it('closes with 1000 when the program has ended, behind all that it wrote', async () => {
    const { url } = await serve('process.stdout.write("one\\nlast")');
    const peer = await Peer.connect(url);

    expect([await peer.next(), await peer.next()]).to.deep.equal(['one', 'last']);
    expect((await peer.closed)[0]).to.equal(1000);
  });

  it('closes with 1011 when the program has failed, and says so', async () => {
    const { qws, url } = await serve('process.exit(3)');
    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1011, 'The program failed.']);
    await qws.prints(/^127\.0\.0\.1 port \d+: the program ended with 3\n/);
  });

  it('closes with 1011 when there is no such program, and says so', async () => {
    const { qws, url } = await Qws.serve('listen', '--exec', './no-such-program');
    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1011, 'The program cannot be run.']);
    await qws.prints(/: the program cannot be run: .*ENOENT/);
  });

  it('closes with 1011 when a line is longer than --max-line', async () => {
    const { url } = await serve('console.log("x".repeat(101))', '--max-line', '100');
    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1011, 'The program wrote too long a line.']);
  });

  it('closes with 1003 when bytes come', async () => {
    const { url } = await serve(CAT);
    const peer = await Peer.connect(url);

    peer.send(Buffer.from([1]));

    expect((await peer.closed)[0]).to.equal(1003);
  });

  it('ends the input of the program when the peer leaves', async () => {
    const { qws, url } = await serve(
      'process.stdin.on("end", () => console.error("left")).resume()',
    );
    const peer = await Peer.connect(url);

    peer.socket.close();

    await qws.prints(/^left\n/);
  });

  it('refuses more than --max-processes', async () => {
    const { url } = await serve(STAY, '--max-processes', '1');
    await (await Peer.connect(url)).next();

    expect(await Peer.connect(url).catch(String)).to.include('503');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`closes with 1001, ends the programs and ends with 0 on ${signal}`, async () => {
      const { qws, url } = await serve(STAY);
      const peer = await Peer.connect(url);
      const pid = Number(await peer.next());

      qws.signal(signal);

      expect(await peer.closed).to.deep.equal([1001, 'The server is shutting down.']);
      expect((await qws.ended).code).to.equal(0);
      expect(isRunning(pid)).to.equal(false);
    });
  }

  it('speaks TLS with a certificate and its key', async () => {
    const certs = 'spec/oracle/certs';
    const tls = ['--cert', `${certs}/server.crt`, '--key', `${certs}/server.key`];
    const { url } = await serve(CAT, ...tls);
    expect(url).to.match(/^wss:/);

    const client = new Qws(['connect', url, '--ca', `${certs}/ca.crt`, '-x', 'hi', '-w', '0.5']);

    expect(await client.ended).to.deep.equal({ code: 0, stdout: 'hi\n', stderr: '' });
  });

  it('answers those who ask for no WebSocket', async () => {
    const { url } = await serve(CAT);

    expect((await fetch(url.replace('ws:', 'http:'))).status).to.equal(426);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { restore, spy, useFakeTimers, type SinonFakeTimers, type SinonSpy } from 'sinon';
import { ProgramServer, type ProgramServerOptions } from '../../../lib/cli/serve/program-server.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { KeepAlive } from '../../../lib/websockets/keep-alive.ts';
import { Peer } from '../../examples/support/peer.ts';
import { answerOf } from '../../support/answer-of.ts';
import { emitted } from '../../support/emitted.ts';
import { RawClient, upgradeRequest } from '../../support/raw-client.ts';
import { trusting } from '../../support/secure-peer.ts';
import { isRunning } from '../support/is-running.ts';

/** Sends its input back. */
const CAT = 'process.stdin.pipe(process.stdout)';

/** Says which process it is, and stays until its input ends. */
const STAY = 'console.log(process.pid); process.stdin.resume()';

describe('ProgramServer', () => {
  let server: ProgramServer;
  let warn: SinonSpy;

  beforeEach(() => {
    warn = spy();
  });

  afterEach(async () => {
    Peer.killAll();
    await server.close();
  });

  /** Serves with a program of Node; what it writes on standard error is not to be seen. */
  function serve(
    program: string,
    {
      longestLine = 1000,
      ...options
    }: Partial<ProgramServerOptions> & { longestLine?: number } = {},
  ): Promise<string> {
    server = new ProgramServer({
      command: { file: process.execPath, args: ['-e', program], longestLine },
      tls: undefined,
      allowOrigin: [],
      maxMessage: 1000,
      maxProcesses: 10,
      env: process.env,
      log: () => {},
      warn,
      ...options,
    });
    return server.listen('127.0.0.1', 0);
  }

  it('makes lines of messages, and messages of lines', async () => {
    const peer = await Peer.connect(await serve(CAT));

    peer.send('Hällo');
    peer.send('');
    peer.send('two\nlines');

    const lines = [await peer.next(), await peer.next(), await peer.next(), await peer.next()];
    expect(lines).to.deep.equal(['Hällo', '', 'two', 'lines']);
  });

  it('runs a program for each connection', async () => {
    const url = await serve(STAY);

    const [one, other] = [await Peer.connect(url), await Peer.connect(url)];

    expect(await one.next()).to.not.equal(await other.next());
  });

  it('tells the program of the request', async () => {
    const program = 'console.log(JSON.stringify(process.env))';
    const url = await serve(program, {
      longestLine: 100_000,
      allowOrigin: ['https://app.example'],
    });

    const peer = await Peer.connect(`${url}/a%20b?c=%64`, 'https://app.example');

    expect(await peer.nextObject()).to.deep.include({
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_ORIGIN: 'https://app.example',
      PATH_INFO: '/a b',
      QUERY_STRING: 'c=%64',
      REMOTE_ADDR: '127.0.0.1',
      REQUEST_METHOD: 'GET',
      REQUEST_URI: '/a%20b?c=%64',
      SERVER_NAME: '127.0.0.1',
      SERVER_PORT: new URL(url).port,
    });
  });

  it('keeps foreign pages out, as the library does', async () => {
    const url = await serve(CAT);

    expect(await Peer.connect(url, 'https://evil.example').catch(String)).to.include('403');
  });

  it('closes with 1000 when the program has ended, behind all that it wrote', async () => {
    const peer = await Peer.connect(await serve('process.stdout.write("one\\nlast")'));

    expect([await peer.next(), await peer.next()]).to.deep.equal(['one', 'last']);
    expect((await peer.closed)[0]).to.equal(1000);
  });

  it('closes with 1011 when the program has failed, and says so', async () => {
    const peer = await Peer.connect(await serve('process.exit(3)'));

    expect(await peer.closed).to.deep.equal([1011, 'The program failed.']);
    expect(warn.firstCall.args[0]).to.match(/^127\.0\.0\.1 port \d+: the program ended with 3$/);
  });

  it('closes with 1011 when a line is too long', async () => {
    const url = await serve('console.log("x".repeat(101))', { longestLine: 100 });
    const peer = await Peer.connect(url);

    expect(await peer.closed).to.deep.equal([1011, 'The program wrote too long a line.']);
  });

  it('closes with 1003 when bytes come', async () => {
    const peer = await Peer.connect(await serve(CAT));

    peer.send(Buffer.from([1]));

    expect((await peer.closed)[0]).to.equal(1003);
  });

  it('closes with 1009 when a message is too long', async () => {
    const peer = await Peer.connect(await serve(CAT, { maxMessage: 4 }));

    peer.send('12345');

    expect((await peer.closed)[0]).to.equal(1009);
  });

  it('ends the input of the program when the peer leaves', async () => {
    const peer = await Peer.connect(await serve(STAY));
    const pid = Number(await peer.next());

    peer.socket.close();

    while (isRunning(pid)) await new Promise(setImmediate);
  });

  it('refuses more connections than there may be programs', async () => {
    const url = await serve(STAY, { maxProcesses: 1 });
    await (await Peer.connect(url)).next();

    expect(await Peer.connect(url).catch(String)).to.include('503');
  });

  it('counts programs that have lost their connection', async () => {
    // It does not mind that its input ends.
    const url = await serve('console.log(process.pid); setInterval(() => {}, 1000)', {
      maxProcesses: 1,
    });
    const first = await Peer.connect(url);
    const pid = Number(await first.next());
    first.socket.close();
    await first.closed;

    const second = await Peer.connect(url);

    expect(await second.closed).to.deep.equal([1013, 'Too many programs are running.']);
    process.kill(pid, 'SIGKILL');
  });

  it('speaks TLS with a certificate and its key', async () => {
    const [cert, key] = ['crt', 'key'].map((kind) =>
      readFileSync(`spec/oracle/certs/server.${kind}`),
    );
    const url = await serve(CAT, { tls: { cert: cert!, key: key! } });
    const client = new QWebSocket();
    client.setSslConfiguration(trusting());
    client.connected.connect(() => client.sendTextMessage('hi'));

    client.open(url);

    expect(await emitted(client.textMessageReceived)).to.deep.equal(['hi']);
    expect(url).to.match(/^wss:/);
    client.abort();
  });

  it('answers those who ask for no WebSocket', async () => {
    const url = await serve(CAT);

    expect((await answerOf(url.replace('ws:', 'http:'))).status).to.equal(426);
  });

  describe('with peers that do not answer', () => {
    let clock: SinonFakeTimers;
    let log: SinonSpy;

    beforeEach(() => {
      log = spy();
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    });

    afterEach(() => {
      clock.restore();
      restore();
    });

    it('ends the programs of those that show no sign of life any more', async () => {
      const program = "console.log('<' + process.pid + '>'); process.stdin.resume()";
      const url = new URL(await serve(program, { log }));
      const client = await RawClient.connect(Number(url.port));
      client.write(upgradeRequest());
      const [, pid] = /<([0-9]+)>/.exec(await client.hears('>'))!;
      clock.tick(31_000);
      await client.hears('\x89');
      clock.tick(11_000);
      await client.ended();
      while (isRunning(Number(pid))) await new Promise(setImmediate);

      expect(log.args.flat().join()).to.match(/disconnected: [^,]*, 1006/);
    });

    it('leaves those alone that it holds back itself', async () => {
      const remove = spy(KeepAlive.prototype, 'remove');
      const url = await serve('console.log(1); setInterval(() => {}, 1000)', { log });
      const peer = await Peer.connect(url);
      await peer.next();
      while (!remove.called) {
        peer.send('x'.repeat(900));
        await new Promise(setImmediate);
      }
      for (let seconds = 0; seconds < 90; seconds += 10) {
        clock.tick(10_000);
        await new Promise(setImmediate);
      }

      expect(log.args.flat().join()).to.not.include('disconnected');
    });
  });
});

import { expect } from 'chai';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { listenOnLoopback } from '../support/ports.ts';
import { Peer } from './support/peer.ts';
import { Program } from './support/program.ts';
import { answerOf } from '../support/answer-of.ts';

describe('the example bridge', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let servers: Server[];
  let accepted: Socket[];

  beforeEach(() => {
    servers = [];
    accepted = [];
  });

  afterEach(() => {
    Peer.killAll();
    Program.killAll();
    for (const socket of accepted) socket.destroy();
    for (const server of servers) server.close();
  });

  /** Runs a service of the specs; its port. */
  async function serve(server: Server): Promise<number> {
    servers.push(server);
    server.on('connection', (socket: Socket) => {
      accepted.push(socket);
      socket.on('error', () => {});
    });
    return listenOnLoopback(server);
  }

  async function start(...args: string[]): Promise<{ program: Program; page: string; ws: string }> {
    const program = new Program('bridge/main', '--port=0', ...args);
    const [page] = await program.prints(/http:\/\/\S+/);
    return { program, page, ws: page.replace('http', 'ws') };
  }

  it('counts for Prometheus, by channel', async () => {
    const { page, ws } = await start();
    await Peer.connect(`${ws}tcp`);
    const response = await answerOf(`${page}metrics`);

    expect(response.headers['content-type']).to.equal('text/plain; version=0.0.4; charset=utf-8');
    const text = response.body;
    expect(text).to.include('\nqwebsockets_connections_open{path="/tcp"} 1\n');
    expect(text).to.include(
      '\nqwebsockets_connections_refused_total{path="/tcp",reason="origin"} 0\n',
    );
  });

  it('passes the lines of a TCP service on to all clients, over one connection', async () => {
    const port = await serve(createServer());
    const { program, ws } = await start(`--tcp=127.0.0.1:${port}`);
    await program.prints(/Connected/);
    const peers = [await Peer.connect(`${ws}tcp`), await Peer.connect(`${ws}tcp`)];
    for (const peer of peers) await peer.pinged();

    accepted[0]!.write('one\ntwo\n');

    for (const peer of peers) {
      expect([await peer.next(), await peer.next()]).to.deep.equal(['one', 'two']);
    }
    expect(accepted).to.have.lengthOf(1);
    expect(await (await Peer.connect(`${ws}tcp`)).next()).to.equal('two');
  });

  it('sends what clients say to the service when it is two-way', async () => {
    const port = await serve(createServer((socket) => socket.pipe(socket)));
    const { program, ws } = await start(`--tcp=127.0.0.1:${port}`, '--two-way');
    await program.prints(/Connected/);
    const peer = await Peer.connect(`${ws}tcp`);

    peer.send('there and back');

    expect(await peer.next()).to.equal('there and back');
  });

  it('keeps what clients say when it is not', async () => {
    const port = await serve(createServer());
    const { ws } = await start(`--tcp=127.0.0.1:${port}`);
    const peer = await Peer.connect(`${ws}tcp`);

    peer.send('hello?');

    expect(await peer.closed).to.deep.equal([1008, 'This service takes no messages.']);
  });

  it('comes back to a service that was away, while its clients stay', async () => {
    const port = await serve(createServer());
    const { program, ws } = await start(`--tcp=127.0.0.1:${port}`);
    const peer = await Peer.connect(`${ws}tcp`);
    await program.prints(/Connected/);

    accepted[0]!.destroy();
    await program.prints(/away|closed|reset/i);
    while (accepted.length < 2) await once(servers[0]!, 'connection');
    await peer.pinged();
    accepted[1]!.write('again\n');

    expect(await peer.next()).to.equal('again');
  });

  it('passes on each body that is another one, beside the lines', async () => {
    let requests = 0;
    const http = createHttpServer((_, response) => response.end(`body ${(requests += 1) >> 2}`));
    const [tcpPort, httpPort] = [await serve(createServer()), await serve(http)];
    const { page, ws } = await start(
      `--tcp=127.0.0.1:${tcpPort}`,
      `--poll=http://127.0.0.1:${httpPort}/`,
      '--interval=10',
    );
    const peer = await Peer.connect(`${ws}poll`);

    const bodies = [await peer.next(), await peer.next(), await peer.next()];

    const first = Number(String(bodies[0]).slice(5));
    expect(bodies).to.deep.equal([0, 1, 2].map((more) => `body ${first + more}`));
    expect(JSON.parse((await answerOf(`${page}channels.json`)).body)).to.deep.equal([
      { path: '/tcp', name: `tcp 127.0.0.1:${tcpPort}`, isTwoWay: false },
      { path: '/poll', name: `poll http://127.0.0.1:${httpPort}/`, isTwoWay: false },
    ]);
  });

  it('has a service of its own to show it with', async () => {
    const { ws } = await start();
    const peer = await Peer.connect(`${ws}tcp`);

    peer.send('set 25.5');
    let line = await peer.next();
    while (!String(line).includes('25.5')) line = await peer.next();
    peer.send('set fire');
    while (!String(line).includes('error')) line = await peer.next();

    expect(line).to.equal('error: say "set 21.5", from 10 to 30');
  });

  it('refuses pages of other sites', async () => {
    const { ws } = await start();

    const status = await Peer.connect(`${ws}tcp`, 'https://elsewhere.example').then(
      () => 'open',
      (error: Error) => error.message,
    );

    expect(status).to.match(/403/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends in order on ${signal}`, async () => {
      const port = await serve(createServer());
      const http = await serve(createHttpServer(() => {}));
      const { program, ws } = await start(
        `--tcp=127.0.0.1:${port}`,
        `--poll=http://127.0.0.1:${http}/`,
      );
      const peers = [await Peer.connect(`${ws}tcp`), await Peer.connect(`${ws}poll`)];

      program.signal(signal);

      for (const peer of peers) {
        expect(await peer.closed).to.deep.equal([1001, 'Server is shutting down.']);
      }
      const { code, stdout } = await program.ended;
      expect(code).to.equal(0);
      expect(stdout).to.match(/^Bridge at http:\/\/localhost:\d+\/\n$/);
    });
  }

  const mistakes: [args: string[], message: RegExp][] = [
    [['--tcp=localhost'], /"localhost" is no host:port, such as localhost:7000 or \[::1\]:7000\./],
    [['--tcp=localhost:0'], /no host:port/],
    [['--tcp=localhost:70000'], /no host:port/],
    [['--poll=http://me:secret@localhost/'], /cannot have a user or a password/],
    [['--poll=ftp://localhost/'], /"ftp:\/\/localhost\/" is no http:\/\/ or https:\/\/ URL\./],
    [['--poll=http://'], /is no http/],
    [
      ['--poll=http://localhost/', '--interval=5'],
      /The interval must be a whole number from 10 to 86400000\./,
    ],
  ];
  for (const [args, message] of mistakes) {
    it(`started with ${args.join(' ')} says what is wrong and exits with 1`, async () => {
      const { code, stdout, stderr } = await new Program('bridge/main', ...args).ended;

      expect(code).to.equal(1);
      expect(stdout).to.equal('');
      expect(stderr).to.match(message);
    });
  }

  it('explains its options', async () => {
    const { code, stdout } = await new Program('bridge/main', '--help').ended;

    expect(code).to.equal(0);
    expect(stdout).to.include('--tcp <host:port>').and.include('--poll <url>');
  });
});

import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EchoServer } from '../../examples/echoserver/echoserver.ts';
import { answerOf } from '../support/answer-of.ts';
import { ChildProgram } from '../support/child-program.ts';
import { freePort, listenOnLoopback, NOBODY } from '../support/ports.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { Peer } from './support/peer.ts';
import { Program } from './support/program.ts';

describe('the example stockticker', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  afterEach(() => {
    Peer.killAll();
    Program.killAll();
  });

  describe('its server', () => {
    let program: Program;
    let page: string;
    let feed: string;

    beforeEach(async () => {
      program = new Program('stockticker/main', '--port=0', '--seed=1', '--interval=1');
      page = (await program.prints(/http:\/\/\S+/))[0];
      feed = `${page.replace('http', 'ws')}feed`;
    });

    it('prints one line, with the URL to open', async () => {
      const peer = await Peer.connect(feed);
      peer.send({ type: 'list' });
      await peer.next();

      program.signal('SIGTERM');

      const { stdout, stderr } = await program.ended;
      expect(stdout).to.match(/^Stock ticker at http:\/\/localhost:\d+\/\n$/);
      expect(stderr).to.equal('');
    });

    it('serves the page, and nothing else', async () => {
      const response = await answerOf(page);
      expect(response.headers['content-type']).to.equal('text/html; charset=utf-8');
      expect(response.body).to.match(/<title>Stock ticker<\/title>/);

      expect((await answerOf(`${page}main.js`)).status).to.equal(404);
      expect((await answerOf(page, 'POST')).status).to.equal(405);
    });

    it('refuses WebSockets elsewhere than at /feed', async () => {
      const status = await Peer.connect(feed.replace('feed', 'other')).then(
        () => 'open',
        (error: Error) => error.message,
      );

      expect(status).to.match(/404|400|403/);
    });

    it('refuses pages of other sites', async () => {
      const status = await Peer.connect(feed, 'https://elsewhere.example').then(
        () => 'open',
        (error: Error) => error.message,
      );

      expect(status).to.match(/403/);
    });

    it('accepts its own page', async () => {
      const peer = await Peer.connect(feed, new URL(page).origin);
      peer.send({ type: 'ping', id: 1 });

      expect(await peer.nextObject()).to.deep.equal({ type: 'pong', id: 1 });
    });

    it('lists its symbols', async () => {
      const peer = await Peer.connect(feed);

      peer.send({ type: 'list' });

      const { type, symbols } = await peer.nextObject();
      expect(type).to.equal('symbols');
      expect(symbols).to.include.members(['AAPL', 'MSFT']).and.have.lengthOf(20);
    });

    it('answers a subscription, then pushes the prices of those symbols only', async () => {
      const [one, two] = [await Peer.connect(feed), await Peer.connect(feed)];
      one.send({ type: 'subscribe', symbols: ['MSFT', 'AAPL'] });
      two.send({ type: 'subscribe', symbols: ['TSLA'] });

      for (const [peer, symbols] of [
        [one, ['AAPL', 'MSFT']],
        [two, ['TSLA']],
      ] as const) {
        expect(await peer.nextObject()).to.deep.equal({ type: 'subscribed', symbols });

        const last = new Map<unknown, unknown>();
        for (let count = 0; count < 10; count += 1) {
          const push = await peer.nextObject();
          expect(push['type']).to.equal('price');
          // First the latest price of each.
          if (count < symbols.length) expect(last.has(push['symbol'])).to.equal(false);
          expect(push['symbol']).to.be.oneOf([...symbols]);
          expect(push['price']).to.not.equal(last.get(push['symbol']));
          last.set(push['symbol'], push['price']);
        }
      }
    });

    it('stops pushing what was unsubscribed', async () => {
      const peer = await Peer.connect(feed);
      peer.send({ type: 'subscribe', symbols: ['AAPL', 'MSFT'] });
      await peer.nextObject();
      peer.send({ type: 'unsubscribe', symbols: ['AAPL'] });

      let message = await peer.nextObject();
      while (message['type'] === 'price') message = await peer.nextObject();

      expect(message['symbols']).to.deep.equal(['MSFT']);
      for (let count = 0; count < 10; count += 1) {
        expect((await peer.nextObject())['symbol']).to.equal('MSFT');
      }
    });

    it('answers bad messages with errors while other clients go on', async () => {
      const [good, bad] = [await Peer.connect(feed), await Peer.connect(feed)];
      good.send({ type: 'subscribe', symbols: ['AAPL'] });
      await good.nextObject();

      for (const [message, answer] of [
        ['{', 'The message is not JSON.'],
        [Buffer.from('{"type":"list"}'), 'Messages must be text.'],
        [{ type: 'sell' }, 'The type "sell" is unknown.'],
        [{ type: 'subscribe', symbols: ['NOPE'] }, 'The symbol "NOPE" is unknown.'],
      ] as const) {
        bad.send(message);
        expect(await bad.nextObject()).to.deep.equal({ type: 'error', message: answer });
        expect((await good.nextObject())['symbol']).to.equal('AAPL');
      }
    });

    it('closes with 1008 after six bad messages in a row', async () => {
      const peer = await Peer.connect(feed);

      for (let count = 0; count < 6; count += 1) peer.send('bad');

      expect(await peer.closed).to.deep.equal([1008, 'Too many bad messages.']);
    });

    it('forgives bad messages after a good one', async () => {
      const peer = await Peer.connect(feed);

      for (let count = 0; count < 5; count += 1) peer.send('bad');
      peer.send({ type: 'list' });
      for (let count = 0; count < 5; count += 1) peer.send('bad');
      peer.send({ type: 'ping', id: 7 });

      for (let count = 0; count < 11; count += 1) await peer.next();
      expect(await peer.nextObject()).to.deep.equal({ type: 'pong', id: 7 });
    });

    it('closes with 1009 on a message that is too long, and only that connection', async () => {
      const [good, bad] = [await Peer.connect(feed), await Peer.connect(feed)];

      bad.send('x'.repeat(20_000));

      expect((await bad.closed)[0]).to.equal(1009);
      good.send({ type: 'ping', id: 1 });
      expect(await good.nextObject()).to.deep.equal({ type: 'pong', id: 1 });
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`says goodbye with 1001 on ${signal} and exits with 0`, async () => {
        const peers = [await Peer.connect(feed), await Peer.connect(feed)];
        peers[0]?.send({ type: 'subscribe', symbols: ['AAPL'] });
        await peers[0]?.next();

        program.signal(signal);

        for (const peer of peers) {
          expect(await peer.closed).to.deep.equal([1001, 'Server is shutting down.']);
        }
        expect((await program.ended).code).to.equal(0);
      });
    }
  });

  it('listens on all addresses when a platform gives it its port', async () => {
    const program = new ChildProgram('examples/stockticker/main.js', [], {
      ...process.env,
      PORT: '0',
    });
    const [page] = await program.prints(/http:\/\/\S+/);

    expect((await answerOf(page.replace('localhost', '127.0.0.2'))).status).to.equal(200);
  });

  it('lets the pages in that it is told, and no others', async () => {
    const origin = 'https://ticker.example';
    const program = new Program('stockticker/main', '--port=0', `--origin=${origin}`);
    const [page] = await program.prints(/http:\/\/\S+/);
    const feed = `${page.replace('http', 'ws')}feed`;

    const peer = await Peer.connect(feed, origin);
    peer.send({ type: 'ping', id: 1 });
    expect(await peer.nextObject()).to.deep.equal({ type: 'pong', id: 1 });
    expect(await rejectionOf(Peer.connect(feed, new URL(page).origin))).to.match(/403/);
  });

  it('needs a broker to make prices for others', async () => {
    const { code, stderr } = await new Program('stockticker/feeder').ended;

    expect(code).to.equal(1);
    expect(stderr).to.equal('feeder: There is no broker: name one by --broker or BROKER_URL.\n');
  });

  it('plays a recording', async () => {
    const program = new Program(
      'stockticker/main',
      '--port=0',
      '--feed=examples/stockticker/recorded.csv',
      '--interval=1',
    );
    const [page] = await program.prints(/http:\/\/\S+/);
    const peer = await Peer.connect(`${page.replace('http', 'ws')}feed`);

    peer.send({ type: 'subscribe', symbols: ['SAP'] });

    expect((await peer.nextObject())['symbols']).to.deep.equal(['SAP']);
    expect((await peer.nextObject())['symbol']).to.equal('SAP');
  });

  describe('started wrongly', () => {
    const mistakes: [args: string[], message: RegExp][] = [
      [['--port=70000'], /The port must be a whole number from 0 to 65535\./],
      [['--port=http'], /The port must be a whole number from 0 to 65535\./],
      [['--interval=0'], /The interval must be a whole number from 1 to 3600000\./],
      [['--seed=-1'], /The seed must be a whole number from 0 to 4294967295\./],
      [['--feed=nowhere.csv'], /Cannot play nowhere\.csv: ENOENT/],
      [['--feed=package.json'], /Cannot play package\.json: Line 1 is not "time,symbol,price"\./],
      [['--fast'], /Unknown option 'fast'\./],
      [['--broker=amqp://localhost'], /The URL of a broker begins with nats:\/\//],
      [
        [`--broker=redis://127.0.0.1:${NOBODY}`],
        /The broker redis:\/\/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/,
      ],
    ];
    for (const [args, message] of mistakes) {
      it(`with ${args.join(' ')} says so and exits with 1`, async () => {
        const { code, stdout, stderr } = await new Program('stockticker/main', ...args).ended;

        expect(code).to.equal(1);
        expect(stdout).to.equal('');
        expect(stderr).to.match(message);
      });
    }

    it('on a port that is taken says so and exits with 1', async () => {
      const other = createServer();
      const port = await listenOnLoopback(other);

      const { code, stderr } = await new Program('stockticker/main', `-p${port}`).ended;

      other.close();
      expect(code).to.equal(1);
      expect(stderr).to.match(/^stockticker: Cannot listen: .*EADDRINUSE.* --port 0 for any\.$/m);
    });
  });

  for (const client of ['client', 'qmlclient']) {
    describe(`its terminal ${client}`, () => {
      it('prints as many prices as it was asked for', async () => {
        const server = new Program('stockticker/main', '--port=0', '--interval=1');
        const [page] = await server.prints(/http:\/\/\S+/);

        const { code, stdout, stderr } = await new Program(
          `stockticker/${client}`,
          `--url=${page.replace('http', 'ws')}feed`,
          '--symbols=AAPL,TSLA',
          '--count=5',
        ).ended;

        expect(stderr).to.equal('');
        expect(code).to.equal(0);
        const lines = stdout.trimEnd().split('\n');
        expect(lines).to.have.lengthOf(5);
        for (const line of lines) expect(line).to.match(/^(AAPL|TSLA) \d+\.\d\d [▲▼=] \d+\.\d\d$/);
      });

      it('gives up when its request is refused', async () => {
        const server = new Program('stockticker/main', '--port=0');
        const [page] = await server.prints(/http:\/\/\S+/);

        const { code, stderr } = await new Program(
          `stockticker/${client}`,
          `--url=${page.replace('http', 'ws')}feed`,
          '--symbols=NOPE',
        ).ended;

        expect(code).to.equal(1);
        expect(stderr).to.equal(`${client}: The symbol "NOPE" is unknown.\n`);
      });

      it('gives up on a server that is no stock ticker', async () => {
        const server = new EchoServer(0);

        const { code, stderr } = await new Program(
          `stockticker/${client}`,
          `--url=ws://localhost:${server.port()}`,
        ).ended;
        server.close();

        expect(code).to.equal(1);
        expect(stderr).to.equal(`${client}: The server is no stock ticker.\n`);
      });

      it('comes back when the server does', async () => {
        const port = await freePort();
        const server = new Program('stockticker/main', `--port=${port}`, '--interval=1');
        const [page] = await server.prints(/http:\/\/\S+/);
        const program = new Program(
          `stockticker/${client}`,
          `--url=${page.replace('http', 'ws')}feed`,
        );
        await program.prints(/AAPL|MSFT/);

        server.signal('SIGTERM');
        await program.prints(/connection.* Next attempt in \d+\.\d s\./i);
        await server.ended;
        const again = new Program('stockticker/main', `--port=${port}`, '--interval=1');
        await again.prints(/http/);

        await program.prints(/The connection is back\./);
        program.signal('SIGINT');
        expect((await program.ended).code).to.equal(0);
      });

      for (const args of [['--url=http://localhost/feed'], ['--count=0'], ['--symbols=,']]) {
        it(`refuses ${args.join(' ')}`, async () => {
          expect((await new Program(`stockticker/${client}`, ...args).ended).code).to.equal(1);
        });
      }
    });
  }

  it('tells in its client why a connection was lost', async () => {
    const server = new Program('stockticker/main', '--port=0', '--interval=1');
    const [page] = await server.prints(/http:\/\/\S+/);
    const client = new Program('stockticker/client', `--url=${page.replace('http', 'ws')}feed`);
    await client.prints(/AAPL|MSFT/);

    server.signal('SIGTERM');

    await client.prints(/No connection: Server is shutting down\. Next attempt in \d+\.\d s\./);
  });

  it('has a spare feed take over in its qmlclient, until the first is back', async () => {
    // Its prices are not mistaken for those of the first.
    const folder = mkdtempSync(join(tmpdir(), 'stockticker-'));
    const prices = [1, 2].map((price) => `2026-11-20T14:30:00.000Z,SAP,${price}\n`);
    writeFileSync(join(folder, 'spare.csv'), `time,symbol,price\n${prices.join('')}`);
    const port = await freePort();
    const first = new Program('stockticker/main', `--port=${port}`, '--interval=1');
    const spare = new Program(
      'stockticker/main',
      '--port=0',
      '--interval=1',
      `--feed=${join(folder, 'spare.csv')}`,
    );
    await first.prints(/http/);
    const [sparePage] = await spare.prints(/http:\/\/\S+/);
    rmSync(folder, { recursive: true });
    const client = new Program(
      'stockticker/qmlclient',
      `--url=ws://localhost:${port}/feed`,
      `--spare=${sparePage.replace('http', 'ws')}feed`,
      '--symbols=SAP',
    );
    await client.prints(/SAP \d{3}/);

    first.signal('SIGTERM');
    await first.ended;
    await client.prints(/The spare feed takes over\./);
    await client.prints(/SAP \d{3}[^]*SAP 2\.00/);
    const again = new Program('stockticker/main', `--port=${port}`, '--interval=1');
    await again.prints(/http/);
    await client.prints(/The connection is back\./);
    await client.prints(/SAP 2\.00[^]*(SAP \d{3}.*\n){20}/);

    client.signal('SIGINT');
    expect((await client.ended).code).to.equal(0);
  });
});

import { expect } from 'chai';
import { readServerMessage, writeSteer, type Snapshot } from '../../examples/arena/protocol.ts';
import { Peer } from './support/peer.ts';
import { Program } from './support/program.ts';
import { answerOf } from '../support/answer-of.ts';

describe('the example arena', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let program: Program;
  let page: string;
  let play: string;

  beforeEach(async () => {
    program = new Program('arena/main', '--port=0');
    page = (await program.prints(/http:\/\/\S+/))[0];
    play = `${page.replace('http', 'ws')}play`;
  });

  afterEach(() => {
    Peer.killAll();
    Program.killAll();
  });

  async function snapshot(peer: Peer): Promise<Snapshot> {
    for (;;) {
      const message = readServerMessage((await peer.next()) as Uint8Array);
      if (message?.type === 'snapshot') return message;
    }
  }

  it('serves the page, what it imports, and the game on one port', async () => {
    const html = (await answerOf(page)).body;
    const imports = Array.from(html.matchAll(/from '\.(\/[^']+)'/g), ([, path]) => path!);
    expect(imports).to.include('/protocol.js');
    for (const path of [...imports, '/support/page.css']) {
      expect((await answerOf(new URL(path, page))).status).to.equal(200);
    }

    const peer = await Peer.connect(play, new URL(page).origin);
    expect((await peer.next())[0]).to.equal(16);
  });

  it('has one player see another one move', async () => {
    const [one, two] = [await Peer.connect(play), await Peer.connect(play)];
    const [, player] = (await one.next()) as Uint8Array;
    const place = async () => (await snapshot(two)).players.find(({ id }) => id === player);
    const before = await place();

    one.send(writeSteer({ x: before!.x > 800 ? -1 : 1, y: 0 }));

    let now = before;
    while (now?.x === before?.x) now = await place();
    expect(now?.y).to.equal(before?.y);
  });

  it('refuses pages of other sites', async () => {
    const status = await Peer.connect(play, 'https://elsewhere.example').then(
      () => 'open',
      (error: Error) => error.message,
    );

    expect(status).to.match(/403/);
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`says goodbye with 1001 on ${signal} and exits with 0`, async () => {
      const peer = await Peer.connect(play);
      await snapshot(peer);

      program.signal(signal);

      expect(await peer.closed).to.deep.equal([1001, 'Server is shutting down.']);
      const { code, stdout, stderr } = await program.ended;
      expect(stdout).to.match(/^Arena at http:\/\/localhost:\d+\/\n$/);
      expect(stderr).to.equal('');
      expect(code).to.equal(0);
    });
  }

  it('explains its options', async () => {
    const { code, stdout } = await new Program('arena/main', '--help').ended;

    expect(code).to.equal(0);
    expect(stdout).to.include('--port <port>').and.include('--host <address>');
  });
});

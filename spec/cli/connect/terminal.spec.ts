import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programInPath } from '../../support/program-in-path.ts';
import { Qws } from '../support/qws.ts';

/** util-linux's; that of other systems has other options. */
const script = process.platform === 'linux' ? programInPath('script') : undefined;

describe('qws connect at a terminal', function () {
  // Starting processes takes a while on a busy machine.
  this.timeout(60_000);

  let folder: string;
  let terminal: ChildProcess;
  let screen: string;

  before(function () {
    if (script === undefined) this.skip();
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qws-'));
    screen = '';
  });

  afterEach(() => {
    terminal.kill('SIGKILL');
    Qws.killAll();
    rmSync(folder, { recursive: true });
  });

  function start(...args: string[]): void {
    const command = [process.execPath, 'build/lib/cli/main.js', ...args].join(' ');
    terminal = spawn(script!, ['--quiet', '--return', '--command', command, '/dev/null'], {
      env: { ...process.env, QWS_HISTORY: join(folder, 'history'), TERM: 'xterm', NO_COLOR: '1' },
    });
    terminal.stdout!.setEncoding('utf8').on('data', (text: string) => (screen += text));
  }

  async function shows(pattern: RegExp): Promise<void> {
    while (!pattern.test(screen)) {
      await once(terminal.stdout!, 'data');
    }
  }

  it('sends what is typed, shows what comes, and remembers it', async () => {
    const { url } = await Qws.serve('echo');
    start('connect', url, '--no-proxy');
    await shows(/Connecting to ws:[^]*Connected\. \/help lists the commands\./);

    terminal.stdin!.write('Hello\r');
    await shows(/< Hello/);
    terminal.stdin!.write('/binary hex:00ff\r');
    await shows(/< 2 bytes: 00 ff/);
    terminal.stdin!.write('/ping there\r');
    await shows(/Pong after \d+ ms: there/);
    terminal.stdin!.write('/close 4000 bye\r');
    await shows(/Closed with 4000: bye/);

    expect(await once(terminal, 'close')).to.deep.equal([0, null]);
    expect(readFileSync(join(folder, 'history'), 'utf8')).to.equal(
      'Hello\n/binary hex:00ff\n/ping there\n/close 4000 bye\n',
    );
  });

  it('leaves with Ctrl+D, and no history with --no-history', async () => {
    const { url } = await Qws.serve('echo');
    start('connect', url, '--no-history', '--no-proxy');
    await shows(/Connected/);

    terminal.stdin!.write('Hello\r');
    await shows(/< Hello/);
    terminal.stdin!.write('\x04');

    expect(await once(terminal, 'close')).to.deep.equal([0, null]);
    expect(() => readFileSync(join(folder, 'history'))).to.throw('ENOENT');
  });

  it('asks for a password without showing it', async () => {
    const { url } = await Qws.serve('echo');
    start('connect', url, '--auth', 'joe', '--no-proxy');
    await shows(/Password of joe: /);

    terminal.stdin!.write('s3cret\r');
    await shows(/Connected/);

    terminal.stdin!.write('/quit\r');
    expect(await once(terminal, 'close')).to.deep.equal([0, null]);
    expect(screen).to.not.include('s3cret');
  });
});

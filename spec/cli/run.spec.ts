import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { runHere } from './support/run-here.ts';

const COMMANDS = ['connect', 'echo', 'listen', 'report'];

describe('qws', () => {
  it('tells its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

    const ending = await runHere('--version');

    expect(ending).to.deep.equal({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('explains itself with an example of each command', async () => {
    const { code, stdout } = await runHere('--help');

    expect(code).to.equal(0);
    const shown = COMMANDS.filter((name) => stdout.includes(`\n  qws ${name} `));
    expect(shown).to.deep.equal(COMMANDS);
  });

  for (const name of COMMANDS) {
    it(`explains ${name} with examples`, async () => {
      const { code, stdout } = await runHere(name, '--help');

      expect(code).to.equal(0);
      expect(stdout).to.match(new RegExp(`^Usage: qws ${name} [^]*\nExamples:\n  qws ${name}`));
    });
  }

  for (const name of COMMANDS) {
    it(`has all options of ${name} in docs/qws.md`, async () => {
      const { stdout } = await runHere(name, '--help');
      const options = Array.from(
        stdout.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm),
        ([, flag]) => flag!,
      );
      const page = readFileSync('docs/qws.md', 'utf8');

      expect(options).to.include('--help');
      expect(options.filter((flag) => !page.includes(flag))).to.deep.equal([]);
    });
  }

  it('shows its help and ends with 2 when it is asked for nothing', async () => {
    const { code, stdout, stderr } = await runHere();

    expect([code, stdout]).to.deep.equal([2, '']);
    expect(stderr).to.match(/^Usage: qws /);
  });

  const mistakes: [args: string[], message: string][] = [
    [['conect'], "error: unknown command 'conect'\n(Did you mean connect?)"],
    [['--fast'], "error: unknown option '--fast'"],
    [['connect'], "error: missing required argument 'url'"],
    [['connect', 'ws://a', 'ws://b'], 'error: too many arguments'],
    [['connect', 'ws://a b'], 'error: The URL is not valid:'],
    [['connect', 'ws://a', '--wait', 'long'], 'Give a number of seconds, such as 5 or 0.5.'],
    [['connect', 'ws://a', '-H', 'Token s3cret'], 'found no colon.'],
    [['connect', 'ws://a', '-H', 'X: \u0007s3cret'], 'found "X: …".'],
    [['connect', 'ws://a', '--proxy', 'ftp://b'], 'error: --proxy needs http://, https:// or'],
    [['connect', 'ws://a', '--ca', 'package.json'], 'error: --ca holds no certificate in PEM.'],
    [['connect', 'ws://a', '--ca', 'no-such-file'], 'error: --ca cannot be read: ENOENT'],
    [['connect', 'ws://a', '--cert', 'a'], 'error: --cert and --key are needed both.'],
    [['echo', '--port', '65536'], 'Give a whole number from 0 to 65535.'],
    [['echo', '--key', 'a'], 'error: --cert and --key are needed both.'],
    [['listen'], "error: required option '-x, --exec <program>' not specified"],
    [['listen', '--exec', ''], 'error: --exec names no program.'],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHere(...args);

      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
      expect(stderr).to.not.include('s3cret');
    });
  }
});

import { expect } from 'chai';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HISTORY_SIZE, HistoryFile, historyPath } from '../../../lib/cli/connect/history-file.ts';

describe('HistoryFile', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qws-'));
    path = join(folder, 'state', 'history');
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it('gives back what it was given, the newest first', () => {
    new HistoryFile(path).write(['newest', 'older']);

    expect(new HistoryFile(path).read()).to.deep.equal(['newest', 'older']);
    expect(readFileSync(path, 'utf8')).to.equal('older\nnewest\n');
  });

  it('can be read by its owner alone', function () {
    // Windows has other rights.
    if (process.platform === 'win32') this.skip();
    new HistoryFile(path).write(['a']);

    expect(statSync(path).mode & 0o077).to.equal(0);
    expect(statSync(join(folder, 'state')).mode & 0o077).to.equal(0);
  });

  it('keeps no more lines than it should, and none that is long or begins with a space', () => {
    const lines = Array.from({ length: HISTORY_SIZE + 10 }, (_, index) => `${index}`);

    new HistoryFile(path).write([' secret', 'x'.repeat(5000), ...lines]);

    expect(new HistoryFile(path).read()).to.deep.equal(lines.slice(0, HISTORY_SIZE));
  });

  it('has nothing where there is no file', () => {
    expect(new HistoryFile(path).read()).to.deep.equal([]);
  });

  it('does not mind when nothing can be written', () => {
    writeFileSync(join(folder, 'file'), '');

    new HistoryFile(join(folder, 'file', 'history')).write(['a']);

    expect(readFileSync(join(folder, 'file'), 'utf8')).to.equal('');
  });
});

describe('historyPath()', () => {
  const cases: [what: string, env: NodeJS.ProcessEnv, path: string | undefined][] = [
    ['the place for such files', { XDG_STATE_HOME: '/state' }, join('/state', 'qws', 'history')],
    ['what QWS_HISTORY names', { QWS_HISTORY: '/a/b', XDG_STATE_HOME: '/state' }, '/a/b'],
    ['nowhere when that is empty', { QWS_HISTORY: '' }, undefined],
  ];
  for (const [what, env, path] of cases) {
    it(`is ${what}`, () => {
      expect(historyPath(env)).to.equal(path);
    });
  }

  it('is below the home directory otherwise', () => {
    expect(historyPath({})?.startsWith(homedir())).to.equal(true);
  });
});

import { expect } from 'chai';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  SOURCE_LIMITS,
  sourceTree,
  type SourceLimits,
} from '../../../lib/cli/report/source-files.ts';

describe('sourceTree()', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'qws-'));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function write(...paths: string[]): void {
    for (const path of paths) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), 'x');
    }
  }

  function tree(limits: Partial<SourceLimits> = {}) {
    const { files, skipped } = sourceTree(folder, { ...SOURCE_LIMITS, ...limits });
    return { paths: files.map(({ path }) => path), skipped };
  }

  it('finds sources in all folders, in the order of their names', () => {
    write('b.cpp', 'a/Z.QML', 'a/c/CMakeLists.txt', 'd.h', 'e.py', 'f.pro', 'g.txt', 'README.md');

    expect(tree().paths).to.deep.equal([
      'a/Z.QML',
      'a/c/CMakeLists.txt',
      'b.cpp',
      'd.h',
      'e.py',
      'f.pro',
    ]);
  });

  it('passes over what is hidden, and what tools have made', () => {
    write('.git/a.cpp', 'node_modules/b.cpp', 'moc_c.cpp', 'ui_d.h', '.hidden.cpp');

    expect(tree()).to.deep.equal({ paths: [], skipped: [] });
  });

  it('follows no links', function () {
    // Windows wants to be asked before it makes links.
    if (process.platform === 'win32') this.skip();
    write('a/b.cpp');
    symlinkSync('/', join(folder, 'root'));
    symlinkSync('..', join(folder, 'a', 'loop'));
    symlinkSync('b.cpp', join(folder, 'a', 'c.cpp'));

    expect(tree()).to.deep.equal({
      paths: ['a/b.cpp'],
      skipped: [{ path: 'a/c.cpp', why: 'it is a link' }],
    });
  });

  it('reads no more files than it may', () => {
    write('a.cpp', 'b/a.cpp', 'b/b.cpp', 'c/a.cpp');

    const { paths, skipped } = tree({ files: 2 });

    expect(paths).to.have.lengthOf(2);
    expect(skipped).to.have.lengthOf(1);
    expect(skipped[0]?.why).to.equal('there are more than 2 files');
  });

  it('leaves out files that are too large', () => {
    write('a.cpp');
    writeFileSync(join(folder, 'b.cpp'), 'x'.repeat(11));

    expect(tree({ bytesPerFile: 10 })).to.deep.equal({
      paths: ['a.cpp'],
      skipped: [{ path: 'b.cpp', why: 'it has 11 bytes' }],
    });
  });

  it('reads no more bytes in all than it may', () => {
    write('a.cpp');
    write('b/b.cpp');

    expect(tree({ bytes: 1 })).to.deep.equal({
      paths: ['a.cpp'],
      skipped: [{ path: 'b/b.cpp', why: 'it would be too much in all' }],
    });
  });

  it('does not go deeper than it may', () => {
    write('a/b/c.cpp');

    expect(tree({ depth: 1 })).to.deep.equal({
      paths: [],
      skipped: [{ path: 'a/b', why: 'it lies too deep' }],
    });
  });

  it('throws when there is no such folder', () => {
    expect(() => sourceTree(join(folder, 'none'))).to.throw('ENOENT');
  });
});

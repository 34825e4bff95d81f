import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'docs/qt-tests.md';

/** A line of one of the tables of the page. */
interface Row {
  readonly name: string;
  readonly cases: number;
  readonly here: string;
}

/** A title of a spec file and where it stands in it; `…` for what is filled in. */
interface Title {
  readonly text: string;
  readonly at: number;
}

describe(PAGE, () => {
  const page = readFileSync(PAGE, 'utf8');
  const tests = sectionsOf(page);

  it('accounts for all functions and cases of Qt', () => {
    // What tests/auto of qt/qtwebsockets holds, counted there.
    expect(tests.map(({ file, rows }) => [file, rows.length, sumOf(rows)])).to.deep.equal([
      ['tst_qwebsocket.cpp', 19, 88],
      ['tst_qwebsocketserver.cpp', 12, 18],
      ['tst_qwebsocketcorsauthenticator.cpp', 1, 1],
      ['tst_dataprocessor.cpp', 17, 2133],
      ['tst_websocketframe.cpp', 5, 52],
      ['tst_websocketprotocol.cpp', 4, 5040],
      ['tst_handshakerequest.cpp', 8, 46],
      ['tst_handshakeresponse.cpp', 1, 1],
      ['tst_defaultmaskgenerator.cpp', 2, 2],
      ['tst_qmlwebsockets.qml', 4, 4],
      ['cmake', 1, 1],
    ]);
  });

  it('says with the same figures how many there are', () => {
    const rows = tests.flatMap((section) => section.rows);
    const cases = sumOf(rows).toLocaleString('en');

    expect(page).to.include(`${rows.length} functions and ${cases} cases`);
  });

  for (const { file, rows } of tests) {
    for (const { name, here } of rows) {
      it(`names a spec or a reason for ${file}, ${name}`, () => {
        expect(here).to.match(/\]\(\.\.\/spec\/|^Not here: ./);
      });
    }
  }

  for (const [path, titles] of referencesOf(page)) {
    it(`names what is in ${path}`, () => {
      expect(existsSync(path)).to.equal(true);
      const known = path.endsWith('.ts') ? titlesOf(readFileSync(path, 'utf8')) : [];
      expect([...titles].filter((title) => !isThere(title, known))).to.deep.equal([]);
    });
  }
});

describe('titlesOf()', () => {
  it('finds titles in every kind of quotes, however they are broken', () => {
    const source = `
      describe('outer', () => {
        it("it's one", () => {});
        it(\`names \${one} and \${'two'}\`, () => {});
        it(
          'is \\'quoted\\'',
        );
      });`;

    expect(titlesOf(source).map(({ text }) => text)).to.deep.equal([
      'outer',
      "it's one",
      'names … and …',
      "is 'quoted'",
    ]);
  });
});

describe('isThere()', () => {
  const titles = ['one', 'of', 'two', 'of'].map((text, at) => ({ text, at }));

  const rows: Record<string, boolean> = {
    of: true,
    'one › of': true,
    'two › of': true,
    'of › one': false,
    'one › on': false,
    three: false,
  };
  for (const [path, expected] of Object.entries(rows)) {
    it(`is ${expected} for “${path}”`, () => {
      expect(isThere(path, titles)).to.equal(expected);
    });
  }
});

/** The sections whose tables count cases, named after Qt's files. */
function sectionsOf(page: string): { file: string; rows: Row[] }[] {
  return page
    .split(/^## /m)
    .map((text) => ({ file: text.slice(0, text.indexOf('\n')), rows: rowsOf(text) }))
    .filter(({ rows }) => rows.length > 0);
}

function rowsOf(section: string): Row[] {
  const rows = section.matchAll(/^\| (.+?) +\| (\d+) +\| (.+?) +\|$/gm);
  return Array.from(rows, ([, name, cases, here]) => ({
    name: name!.trim(),
    cases: Number(cases),
    here: here!,
  }));
}

function sumOf(rows: readonly Row[]): number {
  return rows.reduce((sum, { cases }) => sum + cases, 0);
}

/** The files that the page links to, and the titles that it quotes behind each. */
function referencesOf(page: string): Map<string, Set<string>> {
  const references = new Map<string, Set<string>>();
  for (const line of page.split('\n')) {
    let titles: Set<string> | undefined;
    for (const [, link, title] of line.matchAll(/\]\((?!https:)([^)]+)\)|“([^”]+)”/g)) {
      if (link !== undefined) {
        const path = join('docs', link);
        titles = references.get(path) ?? new Set();
        references.set(path, titles);
      } else {
        titles?.add(title!);
      }
    }
  }
  return references;
}

function titlesOf(source: string): Title[] {
  const calls = source.matchAll(/\b(?:describe|it)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs);
  return Array.from(calls, ({ 2: text, index }) => ({
    text: text!.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1'),
    at: index,
  }));
}

/** Whether the titles of a path `outer › inner` follow each other. */
function isThere(path: string, titles: readonly Title[]): boolean {
  let from = -1;
  for (const part of path.split(' › ')) {
    const found = titles.find(({ text, at }) => text === part && at > from);
    if (found === undefined) return false;
    from = found.at;
  }
  return true;
}

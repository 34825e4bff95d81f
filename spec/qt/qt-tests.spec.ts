import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { itNamesWhatIsThere } from '../support/page-references.ts';

const PAGE = 'docs/qt-tests.md';

/** A line of one of the tables of the page. */
interface Row {
  readonly name: string;
  readonly cases: number;
  readonly here: string;
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

  itNamesWhatIsThere(page);
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

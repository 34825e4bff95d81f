import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { itNamesWhatIsThere } from './support/page-references.ts';

const PAGE = 'docs/vulnerabilities.md';

describe(PAGE, () => {
  const page = readFileSync(PAGE, 'utf8');
  const sections = new Map(
    page.split(/^## /m).map((text) => [text.slice(0, text.indexOf('\n')), rowsOf(text)]),
  );

  it('has all that is on record', () => {
    expect([...sections].map(([name, rows]) => [name, rows.length]).slice(1)).to.deep.equal([
      ['The classes', 8],
      ['ws', 15],
      ['undici, the client of Node', 8],
      ['websocket-extensions, websocket-driver, faye-websocket', 4],
      ['Engine.IO, sockjs, uws, socket.io', 5],
      ['Other languages', 25],
    ]);
  });

  it('says with the same figures how much that is', () => {
    const [, classes, ...others] = sections.values();
    const count = others.flat().length;

    expect(page).to.include(
      `${count} rows of vulnerabilities and fixes, in ${classes!.length} classes`,
    );
  });

  for (const [what, proof] of [...sections.values()].flat()) {
    it(`names a spec or a reason for ${what}`, () => {
      expect(proof).to.match(/\]\(\.\.\/spec\/[^)]+\) “|^Not here: ./);
    });
  }

  itNamesWhatIsThere(page);
});

/** The first and the last cell of each line of a table. */
function rowsOf(section: string): [what: string, proof: string][] {
  const cells = Array.from(section.matchAll(/^\| (.+) \|$/gm), ([, line]) => line!.split(/ +\| +/));
  const [, ...rows] = cells.filter(([first]) => !first!.startsWith('---'));
  return rows.map((row) => [row[0]!, row.at(-1)!.trim()]);
}

import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { compression } from './conformance/cases/compression.ts';
import { limits } from './conformance/cases/limits.ts';
import { quick } from './conformance/cases/quick.ts';
import { itNamesWhatIsThere } from './support/page-references.ts';

const PAGE = 'docs/conformance.md';

/** A line of one of the tables of the page. */
interface Row {
  readonly section: string;
  readonly rule: string;
  readonly proof: string;
}

describe(PAGE, () => {
  const page = readFileSync(PAGE, 'utf8');
  const parts = new Map(
    page.split(/^## /m).map((text) => [text.slice(0, text.indexOf('\n')), text]),
  );
  const rfc6455 = rowsOf(parts.get('RFC 6455, The WebSocket Protocol')!);
  const rfc7692 = rowsOf(parts.get('RFC 7692, permessage-deflate')!);
  const http = rowsOf(parts.get('RFC 9110 and 9112, as far as handshakes go')!);
  const rows = [...rfc6455, ...rfc7692, ...http];
  const all = { ...quick, ...limits(), ...compression() };

  it('has all rules of RFC 6455', () => {
    // Counted there: the sentences with a key word, and the steps of algorithms with one.
    expect(countsOf(rfc6455)).to.deep.equal({
      '2': 1,
      '2.1': 1,
      '3': 3,
      '4.1': 42,
      '4.2': 1,
      '4.2.1': 10,
      '4.2.2': 12,
      '4.3': 2,
      '4.4': 1,
      '5.1': 7,
      '5.2': 9,
      '5.3': 5,
      '5.4': 13,
      '5.5': 2,
      '5.5.1': 13,
      '5.5.2': 4,
      '5.5.3': 3,
      '5.6': 1,
      '5.8': 1,
      '6.1': 9,
      '6.2': 7,
      '7.1.1': 6,
      '7.1.2': 2,
      '7.1.4': 1,
      '7.1.5': 2,
      '7.1.7': 8,
      '7.2.1': 3,
      '7.2.2': 1,
      '7.2.3': 4,
      '7.3': 2,
      '7.4': 1,
      '7.4.1': 6,
      '7.4.2': 1,
      '8.1': 1,
      '9': 4,
      '9.1': 7,
      '9.2': 1,
      '10.2': 2,
      '10.3': 2,
      '10.4': 2,
      '10.6': 3,
      '10.7': 4,
      '11.1.1': 2,
      '11.1.2': 2,
      '11.3.1': 1,
      '11.3.2': 2,
      '11.3.3': 1,
      '11.3.4': 2,
      '11.3.5': 2,
    });
  });

  it('says how many rules there are', () => {
    expect(
      Array.from(page.matchAll(/^(\d+) rules\.$/gm), ([, count]) => Number(count)),
    ).to.deep.equal([rfc6455.length, rfc7692.length, http.length]);
  });

  for (const { section, rule, proof } of rows) {
    it(`has a proof or a reason for ${section}, ${rule}`, () => {
      expect(proof).to.match(
        /\]\(\.\.\/spec\/|\bcases? [A-Z\d]|^Not (?:followed|ours): .|^Not used$/,
      );
    });
  }

  it('follows every MUST but those it gives a reason for', () => {
    const broken = rows.filter(
      ({ rule, proof }) => rule.includes('MUST') && /^Not (?:followed|used)/.test(proof),
    );

    expect(broken.map(({ section, rule }) => `${section}: ${rule}`)).to.deep.equal([
      '4.1 (2): MUST wait for another handshake with the same address to end',
      '4.1 (2): MUST NOT have more than one connection per address in its handshake',
      '4.1 (2): MUST make simultaneous attempts one after the other',
      '4.1 (2): behind a proxy MUST take each name for another host',
      '9110 §6.6.1: MUST send Date with 2xx, 3xx and 4xx',
    ]);
  });

  it('names cases that there are', () => {
    const ids = Object.values(all).flatMap((cases) => cases.map(({ id }) => id));
    const named = Array.from(
      page.matchAll(/\bcases? ([A-Z\d.]*[A-Z\d])(?: – ([A-Z\d.]*[A-Z\d]))?/g),
    );

    expect(named.length).to.be.greaterThan(0);
    for (const id of named.flatMap(([, first, last]) => [first!, last ?? first!])) {
      expect(
        ids.some((known) => known === id || known.startsWith(`${id}.`)),
        id,
      ).to.equal(true);
    }
  });

  it('counts the cases as they are', () => {
    const counts: Record<string, number> = {};
    for (const [group, cases] of Object.entries(all)) {
      const name = group.split(/[. ]/, 1)[0]!;
      counts[name] = (counts[name] ?? 0) + cases.length;
    }
    const listed = parts.get('Case by case')!.matchAll(/^\| (\w+) +\|.*\| +(\d+) +\|$/gm);

    expect(
      Object.fromEntries(Array.from(listed, ([, name, count]) => [name, Number(count)])),
    ).to.deep.equal(counts);
  });

  itNamesWhatIsThere(page);
});

function rowsOf(part: string): Row[] {
  const lines = part.matchAll(/^\| +(.+?) +\| +\w+ +\| +(.+?) +\| +(?:.*?) *\| +(.+?) +\|$/gm);
  return Array.from(lines, ([, section, rule, proof]) => ({
    section: section!,
    rule: rule!,
    proof: proof!,
  })).filter(({ section }) => section !== '§');
}

/** How many rules there are by section, without the numbers of steps. */
function countsOf(rows: readonly Row[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { section } of rows) {
    const name = section.split(' ')[0]!;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

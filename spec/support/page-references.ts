import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A title of a spec file and where it stands in it; `…` for what is filled in. */
export interface Title {
  readonly text: string;
  readonly at: number;
}

/** What a page says of a spec file. */
interface Reference {
  /** In “quotes”. */
  readonly titles: Set<string>;
  /** In ‘quotes’: the key of a row in a table of cases. */
  readonly keys: Set<string>;
}

/**
 * One spec for each file that a page of `docs` links to: the file is there, and in it, if it is a
 * spec, are the titles and the keys of tables that the page quotes behind the link.
 */
export function itNamesWhatIsThere(page: string): void {
  for (const [path, { titles, keys }] of referencesOf(page)) {
    it(`names what is in ${path}`, () => {
      expect(existsSync(path)).to.equal(true);
      const source = path.endsWith('.ts') ? readFileSync(path, 'utf8') : '';
      const known = titlesOf(source);
      expect([...titles].filter((title) => !isThere(title, known))).to.deep.equal([]);
      expect([...keys].filter((key) => !source.includes(key))).to.deep.equal([]);
    });
  }
}

/** The files that the page links to, and what it quotes behind each. */
function referencesOf(page: string): Map<string, Reference> {
  const references = new Map<string, Reference>();
  for (const line of page.split('\n')) {
    let reference: Reference | undefined;
    for (const [, link, title, key] of line.matchAll(
      /\]\((?!https:)([^)#]+)\)|“([^”]+)”|‘([^’]+)’/g,
    )) {
      if (link !== undefined) {
        const path = join('docs', link);
        reference = references.get(path) ?? { titles: new Set(), keys: new Set() };
        references.set(path, reference);
      } else if (title !== undefined) {
        reference?.titles.add(title);
      } else {
        reference?.keys.add(key!);
      }
    }
  }
  return references;
}

/** The titles of the specs in `source`, in their order. */
export function titlesOf(source: string): Title[] {
  const calls = source.matchAll(/\b(?:describe|it)\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs);
  return Array.from(calls, ({ 2: text, index }) => ({
    text: text!.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll(/\\(.)/g, '$1'),
    at: index,
  }));
}

/** Whether the titles of a path `outer › inner` follow each other. */
export function isThere(path: string, titles: readonly Title[]): boolean {
  let from = -1;
  for (const part of path.split(' › ')) {
    const found = titles.find(({ text, at }) => text === part && at > from);
    if (found === undefined) return false;
    from = found.at;
  }
  return true;
}

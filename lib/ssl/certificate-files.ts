import { readdirSync, readFileSync, statSync } from 'node:fs';
import { sep } from 'node:path';

/** How a path is read, as QSslCertificate::PatternSyntax. @enum */
export const PatternSyntax = {
  /** A regular expression that the whole path matches. */
  RegularExpression: 0,
  /** `*` and `?` stand for what is not a slash, `[…]` for one character of a set. */
  Wildcard: 1,
  /** The path of one file. */
  FixedString: 2,
} as const;
export type PatternSyntax = (typeof PatternSyntax)[keyof typeof PatternSyntax];

const SPECIAL: Readonly<Record<PatternSyntax, RegExp>> = {
  [PatternSyntax.RegularExpression]: /[$()*+.?[\]^{}|\\]/,
  [PatternSyntax.Wildcard]: /[*?[]/,
  [PatternSyntax.FixedString]: /(?!)/,
};

/**
 * The contents of the files that `path` names, in the order of their paths; patterns have slashes
 * on every system. Links are followed to files but not to folders. What cannot be read, and a
 * pattern that is none, is left out.
 */
export function readCertificateFiles(path: string, syntax: PatternSyntax): Uint8Array[] {
  return filesOf(path, syntax)
    .filter((file) => attempt(() => statSync(file).isFile()) === true)
    .flatMap((file) => attempt(() => readFileSync(file)) ?? []);
}

function filesOf(path: string, syntax: PatternSyntax): string[] {
  const special = path.search(SPECIAL[syntax]);
  if (special < 0) return [path];
  const pattern = attempt(() => new RegExp(`^(?:${source(path, syntax)})$`));
  if (pattern === undefined) return [];

  const folder = path.slice(0, path.lastIndexOf('/', special) + 1);
  const recursive = syntax === PatternSyntax.RegularExpression || path.includes('/', special);
  const entries = attempt(() => readdirSync(folder || '.', { recursive, encoding: 'utf8' })) ?? [];
  return entries
    .map((entry) => folder + entry.replaceAll(sep, '/'))
    .filter((file) => pattern.test(file))
    .toSorted();
}

/** The regular expression that says the same as `path`. */
function source(path: string, syntax: PatternSyntax): string {
  if (syntax === PatternSyntax.RegularExpression) return path;
  return path.replaceAll(/\[!?\]?[^\]]*\]|[^]/g, (token) => {
    if (token === '*') return '[^/]*';
    if (token === '?') return '[^/]';
    if (token.length > 1) return token.replace('[!', '[^');
    return token.replace(/[$()*+.?[\]^{}|\\]/, String.raw`\$&`);
  });
}

function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}

/** How the comments and strings of a language look. */
export type Dialect = 'c++' | 'qml' | 'python' | 'cmake';

/** What is left of a source when white space and comments are gone. */
export interface Token {
  readonly kind: 'word' | 'string' | 'number' | 'punctuation';
  /** As it stands in the source; a string with its quotes. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}

const WORD = /[\p{L}\p{Nl}_$][\p{L}\p{Nl}\p{Mn}\p{Nd}_$]*/uy;
const NUMBER = /\.?\d(?:'?[\p{L}\p{Nd}_.])*/uy;
const STRINGS: Readonly<Record<string, RegExp>> = {
  '"': /"(?:\\[^]|[^"\\\n])*"?/y,
  "'": /'(?:\\[^]|[^'\\\n])*'?/y,
  '`': /`(?:\\[^]|[^`\\])*`?/y,
};
const LONG_PUNCTUATION = /->|::|=>|===|==/y;
const RAW_STRING = /(?:u8|[uUL])?R"([^()\\\s"]{0,16})\(/y;
const SPACE = /\s+/y;
const LINE_COMMENT = /[^\n]*/y;
// With a backslash before its end, a line goes on.
const C_LINE_COMMENT = /(?:\\\r?\n|[^\n])*/y;

/**
 * Cuts `source` into tokens, whatever it is: what does not end, ends with the source or the line.
 * Takes time in proportion to its length.
 */
export function tokensOf(source: string, dialect: Dialect): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  let line = 1;
  while (at < source.length) {
    const { kind, end } = pieceAt(source, at, dialect);
    const text = source.slice(at, end);
    if (kind !== undefined) tokens.push({ kind, text, line });
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', feed + 1)) line += 1;
    at = end;
  }
  return tokens;
}

interface Piece {
  /** Undefined for what is no token. */
  readonly kind?: Token['kind'];
  readonly end: number;
}

function pieceAt(source: string, at: number, dialect: Dialect): Piece {
  const space = endOf(SPACE, source, at);
  if (space !== undefined) return { end: space };
  const comment = commentAt(source, at, dialect);
  if (comment !== undefined) return { end: comment };
  const text = stringAt(source, at, dialect);
  if (text !== undefined) return { kind: 'string', end: text };
  const number = endOf(NUMBER, source, at);
  if (number !== undefined) return { kind: 'number', end: number };
  const word = endOf(WORD, source, at);
  if (word !== undefined) return { kind: 'word', end: word };
  return { kind: 'punctuation', end: endOf(LONG_PUNCTUATION, source, at) ?? at + 1 };
}

function commentAt(source: string, at: number, dialect: Dialect): number | undefined {
  if (dialect === 'python' || dialect === 'cmake') {
    return source[at] === '#' ? endOf(LINE_COMMENT, source, at) : undefined;
  }
  if (source[at] !== '/') return undefined;
  if (source[at + 1] === '/') return endOf(C_LINE_COMMENT, source, at);
  return source[at + 1] === '*' ? behind('*/', source, at + 2) : undefined;
}

function stringAt(source: string, at: number, dialect: Dialect): number | undefined {
  const quote = source[at]!;
  if (dialect === 'python') {
    const triple = quote.repeat(3);
    if ((quote === '"' || quote === "'") && source.startsWith(triple, at)) {
      return behind(triple, source, at + 3);
    }
  }
  if (dialect === 'c++') {
    const opening = match(RAW_STRING, source, at);
    if (opening !== null) return behind(`)${opening[1]}"`, source, at + opening[0].length);
  }
  if (quote === '`' && dialect !== 'qml') return undefined;
  const form = STRINGS[quote];
  return form === undefined ? undefined : endOf(form, source, at);
}

/** Where the first `end` from `from` on ends, or the source. */
function behind(end: string, source: string, from: number): number {
  const found = source.indexOf(end, from);
  return found < 0 ? source.length : found + end.length;
}

function endOf(form: RegExp, source: string, at: number): number | undefined {
  const found = match(form, source, at);
  return found === null ? undefined : at + found[0].length;
}

function match(form: RegExp, source: string, at: number): RegExpExecArray | null {
  form.lastIndex = at;
  return form.exec(source);
}

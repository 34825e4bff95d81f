const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;

/** The bytes of an RFC 9110 §5.6.2 `token`, as a table: 1 where the byte may stand in one. */
export const TOKEN_BYTES: Uint8Array = tableOf(
  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
);

/** `name`, or `name=value`; the value without its quotes. */
export interface Parameter {
  readonly name: string;
  /** `undefined` when there was no `=`. */
  readonly value: string | undefined;
}

/** One element of a list such as `permessage-deflate; client_max_window_bits=10`. */
export interface ListElement {
  readonly name: string;
  /** In the order written, repeated names included. */
  readonly parameters: readonly Parameter[];
}

/** Whether `text` is a token (RFC 9110 §5.6.2): not empty, and without white space and separators. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (TOKEN_BYTES[text.charCodeAt(i)] !== 1) return false;
  }
  return text.length > 0;
}

/** `text` without the spaces and tabs at its ends (RFC 9110 §5.6.3); other characters stay. */
export function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/**
 * The elements of a comma-separated list (RFC 9110 §5.6.1), without white space around them.
 *
 * Empty elements are left out. A comma within a quoted string does not separate; a quoted string that is
 * never closed reaches to the end.
 */
export function splitList(value: string): string[] {
  return split(value, ',').filter((element) => element !== '');
}

/** Whether one of the lists in `values` has the element `token`, in any case. */
export function hasToken(values: readonly string[], token: string): boolean {
  const wanted = token.toLowerCase();
  return values.some(
    (value) =>
      value.toLowerCase() === wanted ||
      splitList(value).some((element) => element.toLowerCase() === wanted),
  );
}

/**
 * Reads one element of a list of names with parameters: `token *( ";" token [ "=" ( token / quoted ) ] )`.
 *
 * @returns `undefined` when the element does not have that form.
 */
export function parseElement(element: string): ListElement | undefined {
  const [name = '', ...rest] = split(element, ';');
  if (!isToken(name)) return undefined;

  const parameters: Parameter[] = [];
  for (const text of rest) {
    const parameter = parseParameter(text);
    if (parameter === undefined) return undefined;
    parameters.push(parameter);
  }
  return { name, parameters };
}

/**
 * Reads `token` or `token=value`; the value is a token or a quoted string. White space around the `=` is let pass.
 *
 * @returns `undefined` when the text does not have that form.
 */
export function parseParameter(text: string): Parameter | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) return isToken(text) ? { name: text, value: undefined } : undefined;

  const name = trimWhiteSpace(text.slice(0, equals));
  const written = trimWhiteSpace(text.slice(equals + 1));
  const value = isToken(written) ? written : unquote(written);
  return isToken(name) && value !== undefined ? { name, value } : undefined;
}

/**
 * What a quoted string says (RFC 9110 §5.6.4): without its quotes and backslashes.
 *
 * @returns `undefined` when `text` is not one quoted string from its first to its last character.
 */
export function unquote(text: string): string | undefined {
  if (text.charCodeAt(0) !== QUOTE) return undefined;
  let content = '';
  let from = 1;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) return i === text.length - 1 ? content + text.slice(from, i) : undefined;
    if (code !== BACKSLASH) continue;
    content += text.slice(from, i);
    from = i + 1;
    i++;
  }
  return undefined;
}

/**
 * The elements of comma-separated lists (RFC 9110 §5.6.1) from the last one to the first, as they are
 * asked for; what was not asked for is not looked at.
 *
 * What stands to the left of an element, an open quote for one, cannot change what it is. Empty
 * elements are left out.
 *
 * @param lists the values of one header field, in their order.
 */
export function* elementsFromTheRight(lists: readonly string[]): Generator<string, void> {
  for (let i = lists.length - 1; i >= 0; i--) {
    const list = lists[i]!;
    for (let end = list.length; end >= 0;) {
      const comma = lastComma(list, end);
      const element = trimWhiteSpace(list.slice(comma + 1, end));
      if (element !== '') yield element;
      end = comma;
    }
  }
}

/** The pieces of an element between the semicolons, without white space around them. */
export function splitElement(element: string): string[] {
  return split(element, ';');
}

/** Where the last comma before `end` is that stands in no quoted string; −1 for nowhere. */
function lastComma(text: string, end: number): number {
  let isQuoted = false;
  for (let i = end - 1; i >= 0; i--) {
    const code = text.charCodeAt(i);
    if (code === QUOTE && !(isQuoted && isEscaped(text, i))) isQuoted = !isQuoted;
    else if (code === COMMA && !isQuoted) return i;
  }
  return -1;
}

/** Whether an odd number of backslashes stands before `index`. */
function isEscaped(text: string, index: number): boolean {
  let start = index;
  while (start > 0 && text.charCodeAt(start - 1) === BACKSLASH) start--;
  return (index - start) % 2 === 1;
}

/** Cuts at each `separator` outside quoted strings, and trims the pieces. */
function split(text: string, separator: ',' | ';'): string[] {
  // Most lists have one element.
  if (!text.includes(separator)) return [trimWhiteSpace(text)];

  const separatorCode = separator.charCodeAt(0);
  const pieces: string[] = [];
  let from = 0;
  let isQuoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) isQuoted = !isQuoted;
    else if (code === BACKSLASH && isQuoted) i++;
    else if (code === separatorCode && !isQuoted) {
      pieces.push(trimWhiteSpace(text.slice(from, i)));
      from = i + 1;
    }
  }
  pieces.push(trimWhiteSpace(text.slice(from)));
  return pieces;
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function tableOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < characters.length; i++) table[characters.charCodeAt(i)] = 1;
  return table;
}

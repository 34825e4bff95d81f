/** A field name: RFC 9110 §5.1 `token`. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** A field value: visible characters, space, tab and the upper half of Latin-1 (RFC 9110 §5.5). */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * An ordered list of HTTP fields, as QHttpHeaders.
 *
 * Names are compared and kept in lower case; a name may occur several times, and each entry keeps
 * its place. Values are Latin-1 strings: one character is one byte on the wire, U+0000 to U+00FF.
 * An entry that could not be written as one line of a message is never stored.
 *
 * See RFC 9110 §5.
 *
 * @see https://doc.qt.io/qt-6/qhttpheaders.html
 */
export class QHttpHeaders {
  /** Name, value, name, value, …: one array costs less than an object for every field. */
  #fields: string[] = [];

  /** Collects `pairs` in their order. Pairs that {@link append} refuses are left out. */
  static fromListOfPairs(pairs: Iterable<readonly [name: string, value: string]>): QHttpHeaders {
    const headers = new QHttpHeaders();
    for (const [name, value] of pairs) headers.append(name, value);
    return headers;
  }

  /**
   * Adds an entry at the end. White space around `value` is dropped.
   *
   * @returns false, with nothing stored, when `name` is no token (RFC 9110 §5.6.2) or `value` holds
   * a control character other than a tab, or a character above U+00FF.
   */
  append(name: string, value: string): boolean {
    return this.insert(this.size(), name, value);
  }

  /**
   * Adds an entry before the one at `index`; an index outside 0 to {@link size} counts as the
   * nearer end.
   *
   * @returns false for what {@link append} refuses.
   */
  insert(index: number, name: string, value: string): boolean {
    const trimmed = trimWhiteSpace(value);
    if (!TOKEN.test(name) || !FIELD_VALUE.test(trimmed)) return false;
    const place = Math.max(0, Math.min(index, this.size()));
    this.#fields.splice(2 * place, 0, name.toLowerCase(), trimmed);
    return true;
  }

  /**
   * Puts `value` where `name` occurs first and removes its other entries; without one, adds it at
   * the end.
   *
   * @returns false, with nothing changed, for what {@link append} refuses.
   */
  replaceOrAppend(name: string, value: string): boolean {
    const found = this.#fieldOf(name, 0);
    const index = found < 0 ? this.size() : found / 2;
    if (!this.insert(index, name, value)) return false;
    this.#removeFrom(2 * index + 2, name);
    return true;
  }

  /** The value of the first entry of `name`; `defaultValue` when there is none. */
  value(name: string, defaultValue = ''): string {
    const found = this.#fieldOf(name, 0);
    return found < 0 ? defaultValue : this.#fields[found + 1]!;
  }

  /** The values of all entries of `name`, in their order. */
  values(name: string): string[] {
    const values: string[] = [];
    for (let at = this.#fieldOf(name, 0); at >= 0; at = this.#fieldOf(name, at + 2)) {
      values.push(this.#fields[at + 1]!);
    }
    return values;
  }

  /**
   * The values of all entries of `name` as one list, joined by `", "` (RFC 9110 §5.3); '' when
   * there is none.
   */
  combinedValue(name: string): string {
    return this.values(name).join(', ');
  }

  /** Whether there is an entry of `name`. */
  contains(name: string): boolean {
    return this.#fieldOf(name, 0) >= 0;
  }

  /** The number of entries; repeated names count each time. */
  size(): number {
    return this.#fields.length / 2;
  }

  /** Whether there is no entry. */
  isEmpty(): boolean {
    return this.#fields.length === 0;
  }

  /** The name at `index`, in lower case; '' outside 0 to {@link size} − 1. */
  nameAt(index: number): string {
    return this.#fields[2 * index] ?? '';
  }

  /** The value at `index`; '' outside 0 to {@link size} − 1. */
  valueAt(index: number): string {
    return this.#fields[2 * index + 1] ?? '';
  }

  /** Removes every entry of `name`. */
  removeAll(name: string): void {
    this.#removeFrom(0, name);
  }

  /** Removes every entry. */
  clear(): void {
    this.#fields = [];
  }

  /** The entries in their order. The list is the caller's own. */
  toListOfPairs(): [name: string, value: string][] {
    return [...this];
  }

  /** Goes through the entries in their order. */
  *[Symbol.iterator](): Generator<[name: string, value: string], void, undefined> {
    for (let i = 0; i < this.size(); i++) yield [this.nameAt(i), this.valueAt(i)];
  }

  /** An independent copy. */
  clone(): QHttpHeaders {
    const copy = new QHttpHeaders();
    copy.#fields = [...this.#fields];
    return copy;
  }

  /** Whether both hold the same entries in the same order. */
  equals(other: QHttpHeaders): boolean {
    return (
      this.#fields.length === other.#fields.length &&
      this.#fields.every((text, i) => text === other.#fields[i])
    );
  }

  #fieldOf(name: string, from: number): number {
    const wanted = name.toLowerCase();
    for (let at = from; at < this.#fields.length; at += 2) {
      if (this.#fields[at] === wanted) return at;
    }
    return -1;
  }

  #removeFrom(from: number, name: string): void {
    const wanted = name.toLowerCase();
    this.#fields = this.#fields.filter((_, i) => i < from || this.#fields[i & ~1] !== wanted);
  }
}

/** Without spaces and tabs at its ends (RFC 9110 §5.6.3). `trim()` would hide a line break. */
function trimWhiteSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isWhiteSpace(text.charCodeAt(start))) start++;
  while (end > start && isWhiteSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isWhiteSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

import type { HeadLimits } from '../../../lib/codec/http-head.ts';

/** What a stream begins with. */
export type ModelHead =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'malformed' | 'tooLarge'; readonly part: 'startLine' | 'fields' | 'head' }
  | {
      readonly kind: 'whole';
      readonly startLine: string;
      /** Name, value, name, value, … */
      readonly fields: readonly string[];
      /** The number of bytes up to the end of the empty line. */
      readonly size: number;
    };

const TOKEN_CHARACTERS = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]*/;

// What may not stand in a line.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x08\x0a-\x1f\x7f]/g;

const MAX_INTERIM = 16;

/**
 * Reads the head at the start of `text` (RFC 9112 §2 to §5), line by line, all at once.
 *
 * @param startLines the form of a line that may begin it.
 */
export function readHead(text: string, limits: HeadLimits, startLines = /^/): ModelHead {
  const seen = text.slice(0, limits.maxSize);
  let startLine: string | undefined;
  const fields: string[] = [];
  let fieldSize = 0;
  let emptyLines = 0;
  for (let at = 0; ;) {
    const part = startLine === undefined ? 'startLine' : 'fields';
    CONTROL.lastIndex = at;
    const stop = CONTROL.exec(seen)?.index ?? seen.length;
    const line = seen.slice(at, stop);
    if (part === 'startLine') {
      if (line.length + 2 > limits.maxStartLine) return tooLarge(part);
    } else if (line !== '') {
      const isFolded = /^[ \t]/.test(line);
      if (isFolded && fields.length === 0) return malformed(part);
      const name = TOKEN_CHARACTERS.exec(line)![0];
      const isNamed = line[name.length] === ':' && name !== '';
      const isNameWrong = !isFolded && !isNamed && name.length < line.length;
      if (isNameWrong && name.length < limits.maxFieldSize) return malformed(part);
      if (line.length + (isFolded ? fieldSize : 0) > limits.maxFieldSize) return tooLarge(part);
      if (!isFolded && !isNamed && stop < seen.length) return malformed(part);
    }
    if (stop < seen.length && seen[stop] !== '\r') return malformed(part);
    if (stop + 1 < seen.length && seen[stop + 1] !== '\n') return malformed(part);
    if (stop + 1 >= seen.length) {
      return seen.length === limits.maxSize ? tooLarge('head') : { kind: 'unfinished' };
    }
    at = stop + 2;

    if (startLine === undefined) {
      if (line === '' && ++emptyLines <= limits.maxEmptyLines) continue;
      if (line === '' || !startLines.test(line)) return malformed(part);
      startLine = line;
    } else if (line === '') {
      return { kind: 'whole', startLine, fields, size: at };
    } else if (/^[ \t]/.test(line)) {
      fieldSize += line.length;
      const before = fields.pop()!;
      const more = trimmed(line);
      fields.push(before === '' || more === '' ? before + more : `${before} ${more}`);
    } else {
      if (fields.length === 2 * limits.maxFields) return tooLarge(part);
      const colon = line.indexOf(':');
      fieldSize = line.length;
      fields.push(line.slice(0, colon), trimmed(line.slice(colon + 1)));
    }
  }
}

/** Reads the answer to a request: the head behind at most 16 interim ones (RFC 9110 §15.2). */
export function readAnswer(text: string, limits: HeadLimits): ModelHead {
  let before = 0;
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const head = readHead(text.slice(before), limits, STATUS_LINES);
    if (head.kind !== 'whole') return head;
    before += head.size;
    if (!/^HTTP\/\d\.\d 1(?!01)/.test(head.startLine)) return { ...head, size: before };
  }
  return tooLarge('head');
}

/** The form of a status line (RFC 9112 §4); the words at its end may lack, and the space before them. */
export const STATUS_LINES = /^HTTP\/\d\.\d \d{3}(?: |$)/;

/** The values of the fields called `name`, in any case. */
export function valuesOf(fields: readonly string[], name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i]!.toLowerCase() === name) values.push(fields[i + 1]!);
  }
  return values;
}

function malformed(part: 'startLine' | 'fields'): ModelHead {
  return { kind: 'malformed', part };
}

function tooLarge(part: 'startLine' | 'fields' | 'head'): ModelHead {
  return { kind: 'tooLarge', part };
}

function trimmed(text: string): string {
  return text.replace(/^[ \t]+/, '').replace(/(?<![ \t])[ \t]+$/, '');
}

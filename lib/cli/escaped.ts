const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * `text` without what a terminal would obey: control and format characters (those of
 * bidirectional text are among them), line ends and unpaired surrogates stand as `\n`, `\x1b` or
 * `\u{202e}`. What others have written is only shown in this form.
 */
export function escaped(text: string): string {
  return text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    if (isJoiner(code)) return character;
    return SHORT[character] ?? (code < 0x100 ? `\\x${hex(code)}` : `\\u{${hex(code)}}`);
  });
}

/** As {@link escaped}; later lines are indented, so that none can pass for one of our own. */
export function escapedLines(text: string): string {
  return text.split('\n').map(escaped).join('\n  ');
}

/** The one format character without which families and flags fall apart. */
function isJoiner(code: number): boolean {
  return code === 0x200d;
}

function hex(code: number): string {
  return code.toString(16).padStart(2, '0');
}

/** Characters as qDebug() prints those that it does not print as they are. */
const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

/** Text or bytes as qDebug() prints a QString or a QByteArray: no peer controls a terminal. */
export function quoted(content: string | Uint8Array): string {
  return `"${typeof content === 'string' ? escaped(content) : escapedBytes(content)}"`;
}

function escaped(text: string): string {
  return text.replaceAll(/["\\\p{C}]/gu, (character) => {
    const code = character.codePointAt(0)!;
    return ESCAPES[character] ?? (code > 0xffff ? `\\U${hex(code, 8)}` : `\\u${hex(code, 4)}`);
  });
}

function escapedBytes(bytes: Uint8Array): string {
  let text = '';
  let isAfterHex = false;
  for (const byte of bytes) {
    const character = String.fromCharCode(byte);
    const isPlain = byte >= 0x20 && byte < 0x7f;
    // As in C, a digit behind \x00 would belong to it: a new literal keeps them apart.
    if (isAfterHex && /[\da-f]/i.test(character)) text += '""';
    isAfterHex = !isPlain && !(character in ESCAPES);
    text += ESCAPES[character] ?? (isPlain ? character : `\\x${hex(byte, 2)}`);
  }
  return text;
}

function hex(number: number, digits: number): string {
  return number.toString(16).toUpperCase().padStart(digits, '0');
}

import type { Random } from './random.ts';

const NAMES = [
  'Host',
  'Upgrade',
  'Connection',
  'Sec-WebSocket-Key',
  'Sec-WebSocket-Version',
  'Sec-WebSocket-Protocol',
  'Sec-WebSocket-Extensions',
  'Sec-WebSocket-Accept',
  'Origin',
  'Content-Length',
  'Transfer-Encoding',
  'WWW-Authenticate',
  'Proxy-Authenticate',
  'Set-Cookie',
  '__proto__',
  'constructor',
  'X',
];

const VALUES = [
  '',
  'a',
  'websocket',
  'Upgrade',
  'keep-alive, Upgrade',
  'close',
  '13',
  '8, 13',
  '0',
  '5',
  'chunked',
  'localhost:8080',
  '[::1]:80',
  'chat, superchat',
  'permessage-deflate; client_max_window_bits',
  'Basic realm="a"',
  'gr\xfcn',
  '"quoted, \\" text"',
  'dGhlIHNhbXBsZSBub25jZQ==',
];

/** The text of a header line that nobody has asked for, with its end. */
export function strayField(random: Random): string {
  const name = random.pick(NAMES);
  const value = random.pick(VALUES);
  return field(name, value, random);
}

/** A header line, with white space where it may be and sometimes where it may not. */
export function field(name: string, value: string, random: Random): string {
  if (!random.oneIn(8)) return `${name}: ${value}\r\n`;
  const written = random.pick([name.toUpperCase(), name.toLowerCase(), name]);
  const before = random.pick(['', ' ', '\t ', '\r\n ', '\r\n\t']);
  const after = random.pick(['', ' ', ' \t', '\r\n  ']);
  return `${written}${random.oneIn(64) ? ' ' : ''}:${before}${value}${after}\r\n`;
}

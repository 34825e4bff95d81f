import { readFileSync, statSync } from 'node:fs';

/** What somebody at the prompt wants. */
export type Command =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'text'; readonly message: string }
  | { readonly kind: 'binary'; readonly data: Uint8Array }
  | { readonly kind: 'ping'; readonly payload: string }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'quit' }
  | { readonly kind: 'mistake'; readonly text: string };

/** The names of the commands, for those who press Tab. */
export const COMMAND_NAMES: readonly string[] = ['/binary', '/close', '/help', '/ping', '/quit'];

/** What `/help` says. */
export const COMMAND_HELP = `What does not begin with / is sent as it is.
  /ping [text]            ping the server
  /close [code] [reason]  close the connection: 1000, or 3000 to 4999
  /binary hex:48656c6c6f  send bytes; also base64:SGVsbG8= and @file
  /help                   this
  /quit                   close with 1000 and leave; Ctrl+D and Ctrl+C do so, too
  //text                  send /text`;

const LARGEST_FILE = 64 * 1024 * 1024;

/** Reads a line of the prompt. Only `/binary @file` touches anything but the line. */
export function commandIn(line: string): Command {
  if (line === '') return { kind: 'nothing' };
  if (line.startsWith('//')) return { kind: 'text', message: line.slice(1) };
  if (!line.startsWith('/')) return { kind: 'text', message: line };

  const [, name = '', rest = ''] = /^\/(\S*)\s*(.*)$/su.exec(line) ?? [];
  switch (name) {
    case 'ping':
      return { kind: 'ping', payload: rest };
    case 'close':
      return closeIn(rest);
    case 'binary':
      return binaryIn(rest.trim());
    case 'help':
      return { kind: 'help' };
    case 'quit':
      return { kind: 'quit' };
    default:
      return mistake(
        `There is no /${name}: /help lists the commands, and //${name} sends "/${name}".`,
      );
  }
}

function closeIn(rest: string): Command {
  const [, digits, reason = ''] = /^(\d+)?\s*(.*)$/s.exec(rest) ?? [];
  const code = digits === undefined ? 1000 : Number(digits);
  if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
    return mistake('The close code of a client is 1000, or 3000 to 4999.');
  }
  return { kind: 'close', code, reason };
}

function binaryIn(rest: string): Command {
  if (rest.startsWith('hex:')) {
    const digits = rest.slice(4).replaceAll(/\s/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) return mistake('Give pairs of hex digits: hex:00ff.');
    return { kind: 'binary', data: Buffer.from(digits, 'hex') };
  }
  if (rest.startsWith('base64:')) {
    const text = rest.slice(7);
    if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return mistake('That is not Base64.');
    return { kind: 'binary', data: Buffer.from(text, 'base64') };
  }
  if (rest.startsWith('@')) return fileIn(rest.slice(1));
  return mistake('Give bytes as hex:48656c6c6f, base64:SGVsbG8= or @file.');
}

function fileIn(path: string): Command {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return mistake('That is not a file.');
    if (stats.size > LARGEST_FILE) return mistake('The file has more than 64 MiB.');
    return { kind: 'binary', data: readFileSync(path) };
  } catch (error) {
    return mistake((error as Error).message);
  }
}

function mistake(text: string): Command {
  return { kind: 'mistake', text };
}

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * The inputs in `spec/fuzz/seeds/NAME.txt`.
 *
 * Empty lines separate inputs. A line is a JSON string, one character for each byte, or hexadecimal
 * digits with spaces between them, or a comment behind `#`.
 */
export function seedsOf(name: string): Buffer[] {
  return parseSeeds(readFileSync(resolve(`spec/fuzz/seeds/${name}.txt`), 'utf8'));
}

export function parseSeeds(text: string): Buffer[] {
  return text
    .split(/\n{2,}/)
    .map((block) => block.split('\n').filter((line) => line !== '' && !line.startsWith('#')))
    .filter((lines) => lines.length > 0)
    .map((lines) => Buffer.concat(lines.map(bytesOf)));
}

function bytesOf(line: string): Buffer {
  if (line.startsWith('"')) return Buffer.from(JSON.parse(line) as string, 'latin1');
  if (!/^(?:[0-9a-f]{2} ?)+$/.test(line)) throw new Error(`No seed: ${line}`);
  return Buffer.from(line.replaceAll(' ', ''), 'hex');
}

// Puts what the compiler does not write (pages, styles, recordings) beside the compiled examples.
import { cpSync, readdirSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ASSETS = new Set(['.html', '.css', '.csv', '.svg', '.js', '.cert', '.key']);

const root = fileURLToPath(new URL('..', import.meta.url));
const from = join(root, 'examples');
const to = join(root, 'build', 'examples');

for (const name of readdirSync(from, { recursive: true })) {
  if (ASSETS.has(extname(name)) && statSync(join(from, name)).isFile()) {
    cpSync(join(from, name), join(to, name));
  }
}

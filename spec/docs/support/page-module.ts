import { transformSync } from 'esbuild';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { codeBlocksOf } from './code-block.ts';
import { readPage } from './pages.ts';

const LIBRARY = pathToFileURL(resolve('build/lib/index.js')).href;

/** The blocks of `page` that have the mark `file`, by its value. */
export function namedBlocksOf(page: string): Map<string, string> {
  const named = new Map<string, string>();
  for (const { marks, source } of codeBlocksOf(page, readPage(page))) {
    const file = marks.find(({ name }) => name === 'file')?.value;
    if (file !== undefined) named.set(file, source);
  }
  return named;
}

/**
 * Writes the named blocks of a page as modules of JavaScript; returns where `file` is. They import
 * the library that the specs do, as a class of another copy is another class. Types are a matter of
 * `code-blocks.spec.ts`.
 */
export function writeModule(page: string, file: string): string {
  const folder = resolve('build/page-modules', page.replace(/\.md$/, ''));
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of namedBlocksOf(page)) {
    if (!name.endsWith('.ts')) continue;
    const { code } = transformSync(source, { loader: 'ts', format: 'esm', target: 'es2023' });
    const linked = code
      .replaceAll(/(from "\.\/[^"]+)\.ts"/g, '$1.js"')
      .replaceAll('from "qwebsockets"', `from "${LIBRARY}"`);
    writeFileSync(join(folder, name.replace(/ts$/, 'js')), linked);
  }
  return join(folder, file.replace(/ts$/, 'js'));
}

/** What the blocks `files` of `page` export, together. */
export async function exportsOf<Exports extends object>(
  page: string,
  ...files: string[]
): Promise<Exports> {
  const modules = files.map((file) => import(pathToFileURL(writeModule(page, file)).href));
  return Object.assign({}, ...(await Promise.all(modules))) as Exports;
}

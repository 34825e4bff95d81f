import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';

/** Folders of the repository in which no page of ours lies. */
const FOREIGN = /^(?:node_modules|build.*|dist|coverage|artefacts|\.git)$/;

/** All Markdown pages of the repository, by their paths from its root. */
export function allPages(folder = '.'): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      if (entry.isDirectory())
        return FOREIGN.test(entry.name) ? [] : allPages(join(folder, entry.name));
      return entry.name.endsWith('.md')
        ? [posix.join(folder.replaceAll('\\', '/'), entry.name)]
        : [];
    })
    .toSorted();
}

export function readPage(path: string): string {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

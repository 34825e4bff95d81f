import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { sourceTree } from '../../../lib/cli/report/source-files.ts';
import { survey, type Survey } from '../../../lib/cli/report/survey.ts';

/** What is found in a program of `files`, by their paths. */
export function surveyOf(files: Readonly<Record<string, string | Uint8Array>>): Survey {
  const folder = mkdtempSync(join(tmpdir(), 'qws-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(join(folder, dirname(path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    return survey(sourceTree(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The uses as `Type.member kind`, without classes that are only named. */
export function usesIn({ uses }: Survey): string[] {
  return uses
    .filter(({ kind }) => kind !== 'class')
    .map(({ type, member, kind }) => `${type}.${member} ${kind}`);
}

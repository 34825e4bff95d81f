import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** How many lines are kept. */
export const HISTORY_SIZE = 500;

/** Longer lines are not kept, in characters. */
const LONGEST_LINE = 4096;

/** A larger file is not ours, in bytes. */
const LARGEST_FILE = 8 * 1024 * 1024;

/** What was typed before, in a file that only its owner can read. What fails is left out. */
export class HistoryFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The lines, the newest first, as node:readline wants them. */
  read(): string[] {
    try {
      if (statSync(this.#path).size > LARGEST_FILE) return [];
      const lines = readFileSync(this.#path, 'utf8').split('\n').filter(isKept);
      return lines.slice(-HISTORY_SIZE).toReversed();
    } catch {
      return [];
    }
  }

  /** Replaces what is kept; `lines` has the newest first. */
  write(lines: readonly string[]): void {
    const kept = lines.filter(isKept).slice(0, HISTORY_SIZE).toReversed();
    const draft = `${this.#path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(draft, kept.map((line) => `${line}\n`).join(''), { mode: 0o600 });
      renameSync(draft, this.#path);
    } catch {
      // A history is not worth a failure.
    }
  }
}

/** Where the history is: QWS_HISTORY, or the place for such files; undefined for nowhere. */
export function historyPath(env: NodeJS.ProcessEnv): string | undefined {
  const named = env['QWS_HISTORY'];
  if (named !== undefined) return named === '' ? undefined : named;
  const state =
    env['XDG_STATE_HOME'] || (process.platform === 'win32' && env['LOCALAPPDATA']) || undefined;
  return join(state ?? join(homedir(), '.local', 'state'), 'qws', 'history');
}

/** As in shells, what begins with a space is nobody's business. */
export function isKept(line: string): boolean {
  return (
    line !== '' && !line.startsWith(' ') && line.length <= LONGEST_LINE && !line.includes('\n')
  );
}

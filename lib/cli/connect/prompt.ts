import {
  clearScreenDown,
  createInterface,
  cursorTo,
  moveCursor,
  type CursorPos,
  type Interface,
} from 'node:readline';
import { COMMAND_NAMES } from './command.ts';
import { HISTORY_SIZE, isKept, type HistoryFile } from './history-file.ts';

const PROMPT = '> ';

/** What a Prompt tells. */
export interface PromptSink {
  line(line: string): void;
  /** Nothing more comes: Ctrl+D or Ctrl+C. */
  end(): void;
}

/** A line at the bottom of the terminal to type in, above which others can write. */
export class Prompt {
  readonly #output: NodeJS.WritableStream;
  readonly #readline: Interface;
  #isOpen = true;

  constructor(
    input: NodeJS.ReadableStream,
    output: NodeJS.WritableStream,
    history: HistoryFile | undefined,
    sink: PromptSink,
  ) {
    this.#output = output;
    this.#readline = createInterface({
      input,
      output,
      terminal: true,
      prompt: PROMPT,
      history: history?.read() ?? [],
      historySize: HISTORY_SIZE,
      removeHistoryDuplicates: true,
      completer: complete,
    });
    this.#readline.on('history', (lines: string[]) => {
      if (lines[0] !== undefined && !isKept(lines[0])) lines.shift();
      history?.write(lines);
    });
    this.#readline.on('line', (line) => {
      sink.line(line);
      if (this.#isOpen) this.#readline.prompt();
    });
    this.#readline.on('SIGINT', () => this.#readline.close());
    this.#readline.on('close', () => {
      if (!this.#isOpen) return;
      this.#isOpen = false;
      sink.end();
    });
    this.#readline.prompt();
  }

  /** Writes a line above what is being typed. */
  write(line: string): void {
    if (!this.#isOpen) {
      this.#output.write(`${line}\n`);
      return;
    }
    const cursor = this.#readline.getCursorPos();
    const output = this.#output;
    moveCursor(output, 0, -cursor.rows);
    cursorTo(output, 0);
    clearScreenDown(output);
    output.write(`${line}\n${PROMPT}${this.#readline.line}`);
    const end = this.#endOfLine();
    // Terminals begin a new row only with the next character.
    if (end.cols === 0) output.write(' ');
    moveCursor(output, 0, cursor.rows - end.rows);
    cursorTo(output, cursor.cols);
  }

  /** Takes the line away; nothing is told any more. */
  close(): void {
    if (!this.#isOpen) return;
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#isOpen = false;
    this.#readline.close();
  }

  // prompt(true) would draw the line as well, but not know how many rows one has that was pasted.
  #endOfLine(): CursorPos {
    const state: { cursor: number } = this.#readline;
    const { cursor } = state;
    state.cursor = this.#readline.line.length;
    const end = this.#readline.getCursorPos();
    state.cursor = cursor;
    return end;
  }
}

function complete(line: string): [string[], string] {
  return [line.startsWith('/') ? COMMAND_NAMES.filter((name) => name.startsWith(line)) : [], line];
}

import { COMMAND_HELP, commandIn } from './command.ts';
import type { Conversation, Source } from './conversation.ts';
import type { HistoryFile } from './history-file.ts';
import { Prompt } from './prompt.ts';
import { escaped } from '../escaped.ts';

/** Does what somebody types. */
export class TypedMessages implements Source {
  readonly #input: NodeJS.ReadableStream;
  readonly #output: NodeJS.WritableStream;
  readonly #history: HistoryFile | undefined;
  #prompt: Prompt | undefined;

  constructor(
    input: NodeJS.ReadableStream,
    output: NodeJS.WritableStream,
    history: HistoryFile | undefined,
  ) {
    this.#input = input;
    this.#output = output;
    this.#history = history;
  }

  begin(conversation: Conversation): void {
    this.#prompt = new Prompt(this.#input, this.#output, this.#history, {
      line: (line) => this.#do(conversation, line),
      end: () => conversation.close(),
    });
  }

  stop(): void {
    this.#prompt?.close();
  }

  isUnfinished(): boolean {
    return false;
  }

  /** Writes a line where it does not disturb. */
  write(line: string): void {
    if (this.#prompt === undefined) this.#output.write(`${line}\n`);
    else this.#prompt.write(line);
  }

  #do(conversation: Conversation, line: string): void {
    const { socket } = conversation;
    const command = commandIn(line);
    switch (command.kind) {
      case 'nothing':
        return;
      case 'text':
        socket.sendTextMessage(command.message);
        return;
      case 'binary':
        socket.sendBinaryMessage(command.data);
        return;
      case 'ping':
        socket.ping(Buffer.from(command.payload));
        return;
      case 'close':
        conversation.close(command.code, command.reason);
        return;
      case 'quit':
        conversation.close();
        return;
      case 'help':
        this.write(COMMAND_HELP);
        return;
      case 'mistake':
        this.write(escaped(command.text));
    }
  }
}

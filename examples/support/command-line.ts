import { parseArgs } from 'node:util';

/** One option of a program; its long name is the key it is listed under. */
export interface CommandLineOption {
  readonly short?: string;
  /** What its value is called in the help; without it the option is a switch. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
}

/** The options of a program, with the texts and exit codes of QCommandLineParser. */
export class CommandLine<Name extends string> {
  readonly #program: string;
  readonly #description: string;
  readonly #options: Readonly<Record<Name, CommandLineOption>>;
  readonly #values = new Map<string, string>();

  constructor(
    program: string,
    description: string,
    options: Readonly<Record<Name, CommandLineOption>>,
  ) {
    this.#program = program;
    this.#description = description;
    this.#options = options;
  }

  /** Reads `args`. Asked for help it prints it and exits with 0; a wrong option exits with 1. */
  process(args: string[] = process.argv.slice(2)): this {
    const { tokens } = parseArgs({ args, options: this.#table(), strict: false, tokens: true });
    for (const token of tokens) {
      if (token.kind !== 'option') continue;
      if (token.name === 'help') {
        process.stdout.write(this.helpText());
        process.exit(0);
      }
      const option = this.#entries().find(([name]) => name === token.name)?.[1];
      if (option === undefined)
        return this.fail(`Unknown option '${token.rawName.replace(/^-+/, '')}'.`);
      if (option.value === undefined && token.value !== undefined) {
        return this.fail(`Unexpected value after '${token.rawName}'.`);
      }
      if (option.value !== undefined && token.value === undefined) {
        return this.fail(`Missing value after '${token.rawName}'.`);
      }
      this.#values.set(token.name, token.value ?? '');
    }
    return this;
  }

  isSet(name: Name): boolean {
    return this.#values.has(name);
  }

  /** The value given for an option, or its default, or an empty string. */
  value(name: Name): string {
    return this.#values.get(name) ?? this.#options[name].default ?? '';
  }

  helpText(): string {
    const help: [string, CommandLineOption] = [
      'help',
      { short: 'h', help: 'Displays help on commandline options.' },
    ];
    const rows = [help, ...this.#entries()].map(([name, option]) => {
      const short = option.short === undefined ? '' : `-${option.short}, `;
      const value = option.value === undefined ? '' : ` <${option.value}>`;
      return [`${short}--${name}${value}`, option.help] as const;
    });
    const width = Math.max(...rows.map(([left]) => left.length));
    const lines = rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`);
    return `Usage: ${this.#program} [options]\n${this.#description}\n\nOptions:\n${lines.join('')}`;
  }

  /** Says on stderr what is wrong and exits with 1. */
  fail(message: string): never {
    process.stderr.write(`${this.#program}: ${message}\n`);
    process.exit(1);
  }

  #entries(): [string, CommandLineOption][] {
    return Object.entries(this.#options);
  }

  #table() {
    const table: Record<string, { type: 'string' | 'boolean'; short?: string }> = {
      help: { type: 'boolean', short: 'h' },
    };
    for (const [name, option] of this.#entries()) {
      table[name] = {
        type: option.value === undefined ? 'boolean' : 'string',
        ...(option.short === undefined ? {} : { short: option.short }),
      };
    }
    return table;
  }
}

/** Text as qDebug() prints it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A whole number from `least` to `most`, or undefined when `text` is none. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}

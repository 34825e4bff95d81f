/** One option of a program; its long name is the key it is listed under. */
export interface CommandLineOption {
  readonly short?: string;
  /** What its value is called in the help; without it the option is a switch. */
  readonly value?: string;
  readonly help: string;
  readonly default?: string;
}

/** How wide the help may be, in characters. */
const HELP_WIDTH = 80;

/** The options of a program, with the syntax, texts and exit codes of QCommandLineParser. */
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
    const mistake = this.#parse(args);
    if (mistake !== undefined) return this.fail(mistake);
    if (this.#values.has('help') || this.#values.has('help-all')) {
      process.stdout.write(this.helpText());
      process.exit(0);
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
    const rows = this.#entries()
      .filter(([name]) => name !== 'help-all')
      .map(([name, option]) => {
        const short = option.short === undefined ? '' : `-${option.short}, `;
        const value = option.value === undefined ? '' : ` <${option.value}>`;
        return [`${short}--${name}${value}`, option.help] as const;
      });
    const width = Math.max(...rows.map(([left]) => left.length));
    const lines = rows.flatMap(([left, right]) =>
      wrapped(right, HELP_WIDTH - width - 4).map(
        (line, row) => `  ${(row === 0 ? left : '').padEnd(width)}  ${line}\n`,
      ),
    );
    return `Usage: ${this.#program} [options]\n${this.#description}\n\nOptions:\n${lines.join('')}`;
  }

  /** Says on stderr what is wrong and exits with 1. */
  fail(message: string): never {
    process.stderr.write(`${this.#program}: ${message}\n`);
    process.exit(1);
  }

  /** @returns what is wrong with `args`, if something is. */
  #parse(args: readonly string[]): string | undefined {
    const unknown: string[] = [];
    let mistake: string | undefined;
    const rest = args[Symbol.iterator]();
    /** Takes one option; its value is `given` with it or the next argument. */
    const take = (spelling: string, [name, option]: Entry, given?: string): void => {
      if (option.value === undefined) {
        if (given !== undefined) mistake = `Unexpected value after '${spelling}'.`;
        this.#values.set(name, '');
        return;
      }
      const next = given ?? rest.next().value;
      if (next === undefined) mistake = `Missing value after '${spelling}'.`;
      this.#values.set(name, next ?? '');
    };

    for (const argument of rest) {
      if (argument === '--') break;
      const [spelling = ''] = argument.split('=', 1);
      if (argument.startsWith('--')) {
        const name = spelling.slice(2);
        const entry = this.#find(name);
        const given = spelling === argument ? undefined : argument.slice(spelling.length + 1);
        if (entry === undefined) unknown.push(name);
        else take(spelling, entry, given);
      } else if (argument.startsWith('-')) {
        // Short ones may stand together; the first that has a value takes all that follows.
        for (let letters = argument.slice(1); letters !== '';) {
          const name = letters[0]!;
          letters = letters.slice(1);
          const entry = this.#find(name);
          if (entry === undefined) {
            unknown.push(name);
            continue;
          }
          const hasValue =
            letters.startsWith('=') || (entry[1].value !== undefined && letters !== '');
          take(spelling, entry, hasValue ? letters.replace(/^=/, '') : undefined);
          if (hasValue) break;
        }
      }
    }
    if (unknown.length > 1) mistake ??= `Unknown options: ${unknown.join(', ')}.`;
    if (unknown.length === 1) mistake ??= `Unknown option '${unknown[0]}'.`;
    return mistake;
  }

  /** An option by its long or its short name. */
  #find(name: string): Entry | undefined {
    return this.#entries().find(([long, { short }]) => name === long || name === short);
  }

  #entries(): Entry[] {
    return [
      ['help', { short: 'h', help: 'Displays help on commandline options.' }],
      // In Qt it tells of the options that every program has; here there are none.
      ['help-all', { help: '' }],
      ...Object.entries<CommandLineOption>(this.#options),
    ];
  }
}

type Entry = [name: string, option: CommandLineOption];

/** The lines of `text` when none may be longer than `width`. */
function wrapped(text: string, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const longer = `${lines.at(-1)} ${word}`.trimStart();
    if (longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** A whole number from `least` to `most`, or undefined when `text` is none. */
export function wholeNumber(text: string, least: number, most: number): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const number = Number(text);
  return number >= least && number <= most ? number : undefined;
}

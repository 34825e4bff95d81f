import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { codeBlocksOf } from './code-block.ts';
import { readPage } from './pages.ts';
import { Programs } from './programs.ts';

const PAGE = 'docs/start-here.md';

/** The chat of the first page of the documentation: its programs, compiled, and its page. */
export class Chat {
  readonly page: string;
  /** What the compiler finds wrong. */
  readonly findings: string[];
  readonly #folder: string;
  readonly #members: Member[] = [];

  /** @param name of the folder below `build` in which it is compiled. */
  constructor(name: string) {
    const blocks = codeBlocksOf(PAGE, readPage(PAGE));
    const named = blocks.filter(({ marks }) => marks.some((mark) => mark.name === 'file'));
    this.#folder = `build/${name}/docs/start-here`;
    this.findings = [...new Programs(name, named).compile().values()].flat();
    this.page = blocks.find(({ language }) => language === 'html')!.source;
    writeFileSync(`${this.#folder}/page.html`, this.page);
  }

  /** Starts the server; returns the address that it prints. */
  async serve(): Promise<string> {
    const [url] = await this.#start('server').prints(/^http:\S+$/m);
    return url;
  }

  /** A client that has connected to the server at `url`. */
  async join(url: string): Promise<Member> {
    const client = this.#start('client', url.replace('http', 'ws'));
    await client.prints(/^Connected\.$/m);
    return client;
  }

  close(): void {
    for (const { process: child } of this.#members) child.kill('SIGKILL');
  }

  #start(program: string, ...args: string[]): Member {
    const env = { ...process.env, PORT: '0' };
    const member = new Member(
      spawn(process.execPath, [`${program}.js`, ...args], { cwd: this.#folder, env }),
    );
    this.#members.push(member);
    return member;
  }
}

/** One of the programs, as it runs. */
export class Member {
  readonly process: ChildProcess;
  #text = '';

  constructor(child: ChildProcess) {
    this.process = child;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#text += text));
    }
  }

  /** Waits until what it has printed so far matches. */
  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      await once(this.process.stdout!, 'data');
    }
  }

  says(line: string): void {
    this.process.stdin!.write(`${line}\n`);
  }

  /** Ends its input; returns its exit code. */
  async leaves(): Promise<number> {
    const ended = once(this.process, 'exit');
    this.process.stdin!.end();
    const [code] = (await ended) as [number];
    return code;
  }
}

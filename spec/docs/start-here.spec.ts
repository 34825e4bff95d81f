import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { codeBlocksOf } from './support/code-block.ts';
import { readPage } from './support/pages.ts';
import { Programs } from './support/programs.ts';

const PAGE = 'docs/start-here.md';

describe(`the chat of ${PAGE}`, function () {
  this.timeout(30_000);
  const blocks = codeBlocksOf(PAGE, readPage(PAGE));
  const named = blocks.filter(({ marks }) => marks.some(({ name }) => name === 'file'));
  const programs = new Programs('start-here', named);
  const page = blocks.find(({ language }) => language === 'html')!.source;
  const children: ChildProcess[] = [];
  let url: string;

  function start(file: string, ...args: string[]): Printing {
    const child = new Printing(`build/start-here/docs/start-here/${file}.js`, args);
    children.push(child.process);
    return child;
  }

  before(async () => {
    expect([...programs.compile()]).to.deep.equal([]);
    writeFileSync('build/start-here/docs/start-here/page.html', page);
    [url] = (await start('server').prints(/^http:\S+$/m)) as unknown as [string];
  });
  after(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('serves its page', async () => {
    const response = await fetch(url);

    expect(await response.text()).to.equal(page);
  });

  it('passes on what a client says to all of them, and lets them leave', async () => {
    const [one, other] = [start('client', webSocketUrl()), start('client', webSocketUrl())];
    await Promise.all([one.prints(/Connected/), other.prints(/Connected/)]);
    other.process.stdin?.write('Hello\n');

    await Promise.all([one.prints(/^Hello$/m), other.prints(/^Hello$/m)]);

    one.process.stdin?.end();
    expect(await once(one.process, 'exit')).to.deep.equal([0, null]);
  });

  function webSocketUrl(): string {
    return url.replace('http', 'ws');
  }
});

/** A program that prints, in the folder of its page. */
class Printing {
  readonly process: ChildProcess;
  #text = '';

  constructor(script: string, args: string[]) {
    const [folder, file] = [script.replace(/\/[^/]*$/, ''), script.replace(/^.*\//, '')];
    const env = { ...process.env, PORT: '0' };
    this.process = spawn(process.execPath, [file, ...args], { cwd: folder, env });
    for (const stream of [this.process.stdout!, this.process.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.#text += text));
    }
  }

  async prints(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match !== null) return match;
      await once(this.process.stdout!, 'data');
    }
  }
}

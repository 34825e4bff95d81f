import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { spy, type SinonSpy } from 'sinon';
import { HistoryFile } from '../../../lib/cli/connect/history-file.ts';
import { Prompt } from '../../../lib/cli/connect/prompt.ts';

/** A history in memory. */
class Memory extends HistoryFile {
  lines: readonly string[] = ['before'];

  constructor() {
    super('');
  }

  override read(): string[] {
    return [...this.lines];
  }

  override write(lines: readonly string[]): void {
    this.lines = [...lines];
  }
}

describe('Prompt', () => {
  let input: PassThrough;
  let screen: string;
  let history: Memory;
  let line: SinonSpy;
  let end: SinonSpy;
  let prompt: Prompt;

  beforeEach(() => {
    input = new PassThrough();
    const output = Object.assign(new PassThrough(), { columns: 20 });
    screen = '';
    output.setEncoding('utf8').on('data', (text: string) => (screen += text));
    history = new Memory();
    line = spy();
    end = spy();
    prompt = new Prompt(input, output, history, { line, end });
  });

  afterEach(() => prompt.close());

  async function type(keys: string): Promise<void> {
    input.write(keys);
    await new Promise(setImmediate);
  }

  it('gives each line that is typed', async () => {
    await type('one\rtwo\r');

    expect(line.args).to.deep.equal([['one'], ['two']]);
  });

  it('remembers lines, also those of before', async () => {
    await type('one\r');
    await type('\x1b[A\x1b[A\r');

    expect(line.args).to.deep.equal([['one'], ['before']]);
    expect(history.lines).to.deep.equal(['before', 'one']);
  });

  it('forgets lines that begin with a space', async () => {
    await type(' secret\r');
    await type('\x1b[A\r');

    expect(line.args).to.deep.equal([[' secret'], ['before']]);
    expect(history.lines).to.deep.equal(['before']);
  });

  it('completes commands', async () => {
    await type('/pi');
    await type('\t');
    await type('\r');

    expect(line.args).to.deep.equal([['/ping']]);
  });

  for (const [name, key] of [
    ['Ctrl+D', '\x04'],
    ['Ctrl+C', '\x03'],
  ] as const) {
    it(`ends with ${name}`, async () => {
      await type(key);

      expect(end.callCount).to.equal(1);
    });
  }

  it('draws what is being typed anew below what others write', async () => {
    await type('half a li');
    screen = '';

    prompt.write('< hello');
    await type('ne\r');

    expect(stripVTControlCharacters(screen)).to.match(/^< hello\n> half a li/);
    expect(line.args).to.deep.equal([['half a line']]);
  });

  for (const [how, keys] of [
    ['was pasted', ['x'.repeat(45)]],
    ['was typed', Array<string>(45).fill('x')],
  ] as const) {
    it(`draws a line of several rows anew that ${how}`, async () => {
      for (const key of keys) await type(key);
      screen = '';

      prompt.write('< hello');
      await type('');

      // Up the two rows behind the first, and as far into the third as before.
      expect(screen).to.equal(`\x1b[2A\x1b[1G\x1b[0J< hello\n> ${'x'.repeat(45)}\x1b[8G`);
    });
  }

  it('puts the cursor back to where it was in the line', async () => {
    await type(`${'x'.repeat(38)}\x01`);
    screen = '';

    prompt.write('< hello');
    await type('');

    expect(screen).to.equal(`\x1b[1G\x1b[0J< hello\n> ${'x'.repeat(38)} \x1b[2A\x1b[3G`);
  });

  it('tells nothing when it is closed', async () => {
    prompt.close();
    await type('a\r');

    expect([line.callCount, end.callCount]).to.deep.equal([0, 0]);
  });

  it('writes plainly when it is closed', async () => {
    prompt.close();
    screen = '';

    prompt.write('bye');
    await type('');

    expect(screen).to.equal('bye\n');
  });
});

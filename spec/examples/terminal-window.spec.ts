import { expect } from 'chai';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { spy, type SinonSpy } from 'sinon';
import { TerminalWindow } from '../../examples/support/terminal-window.ts';

describe('TerminalWindow', () => {
  let input: PassThrough & { isTTY?: boolean; setRawMode?: SinonSpy };
  let output: PassThrough;
  let clicked: SinonSpy;
  let closed: SinonSpy;

  beforeEach(() => {
    input = new PassThrough();
    output = new PassThrough({ encoding: 'utf8' });
    clicked = spy();
    closed = spy();
  });

  function open(): TerminalWindow {
    const window = new TerminalWindow(input, output);
    window.on('clicked', clicked);
    window.on('closed', closed);
    return window;
  }

  async function type(keys: string): Promise<void> {
    const read = once(input, 'data');
    input.write(keys);
    await read;
  }

  it('shows lines', () => {
    const window = open();

    window.append('Welcome!');
    window.append('one\ntwo');

    expect(output.read()).to.equal('Welcome!\none\ntwo\n');
  });

  it('lets no message control the terminal', () => {
    open().append('\u001b[2J\u009b2J\rHällo 👋\u202e\n');

    expect(output.read()).to.equal('�[2J�2J�Hällo 👋�\n\n');
  });

  it('is clicked by Enter and by the space bar', async () => {
    open();

    await type('\r');
    await type(' ');
    await type('\r\nx\n');

    expect(clicked.callCount).to.equal(4);
    expect(closed.callCount).to.equal(0);
  });

  for (const [name, key] of [
    ['q', 'q'],
    ['Ctrl+C', '\u0003'],
    ['Ctrl+D', '\u0004'],
  ] as const) {
    it(`is closed by ${name}, and hears no more`, async () => {
      open();

      await type(`${key} ${key} `);

      expect([closed.callCount, clicked.callCount]).to.deep.equal([1, 0]);
      expect(input.destroyed).to.equal(true);
    });
  }

  it('is closed by the end of its input', async () => {
    open();

    input.end();
    await once(input, 'end');

    expect(closed.callCount).to.equal(1);
  });

  it('takes single keys from a terminal, and gives it back when it is closed', async () => {
    Object.assign(input, { isTTY: true, setRawMode: spy() });

    open();
    expect(input.setRawMode!.args).to.deep.equal([[true]]);
    expect(output.read()).to.contain('q closes');
    await type('q');

    expect(input.setRawMode!.args).to.deep.equal([[true], [false]]);
  });
});

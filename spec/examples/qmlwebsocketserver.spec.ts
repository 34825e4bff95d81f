import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { useFakeTimers } from 'sinon';
import { createView } from '../../examples/qmlwebsocketserver/view.ts';
import { TerminalWindow } from '../../examples/support/terminal-window.ts';
import { Program } from './support/program.ts';

describe('the example qmlwebsocketserver', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let window: TerminalWindow;
  let output: PassThrough;
  let shown: string;

  beforeEach(() => {
    output = new PassThrough({ encoding: 'utf8' });
    shown = '';
    output.on('data', (text: string) => (shown += text));
    window = new TerminalWindow(new PassThrough(), output);
  });

  afterEach(() => {
    window[Symbol.dispose]();
    Program.killAll();
  });

  async function shows(text: string): Promise<void> {
    while (!shown.endsWith(text)) {
      await new Promise((resolve) => output.once('data', resolve));
    }
  }

  it('shows what client and server say to each other after a click', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    createView(window);
    clock.tick(100);
    clock.restore();
    await shows('Click to send a message!\n');

    // The connection needs an unknown number of turns, and tells nobody of its being there.
    for (;;) {
      window.emit('clicked');
      await new Promise((resolve) => setImmediate(resolve));
      if (shown.includes('Hello')) break;
    }

    await shows('Server received message: Hello Server!\nClient received message: Hello Client!\n');
  });

  it('says that a click came too early', async () => {
    createView(window);

    window.emit('clicked');

    await shows(
      'Click to send a message!\n' +
        'Client error: Messages can only be sent when the socket is open.\n',
    );
  });

  it('is a program that a closed window ends', async () => {
    const program = new Program('qmlwebsocketserver/main');
    await program.prints(/^Click to send a message!\n/);

    program.type('q');

    expect(await program.ended).to.deep.equal({
      code: 0,
      stdout: 'Click to send a message!\n',
      stderr: '',
    });
  });

  it('has no options but for help, as in Qt', async () => {
    const { code, stdout } = await new Program('qmlwebsocketserver/main', '--help').ended;

    expect(code).to.equal(0);
    expect(stdout.match(/^ {2}-/gm)).to.have.lengthOf(1);
  });
});

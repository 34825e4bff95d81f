import { expect } from 'chai';
import { NOBODY } from '../support/ports.ts';
import { Program } from './support/program.ts';

describe('the example qmlwebsocketclient', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  afterEach(() => {
    Program.killAll();
  });

  it('opens and closes both connections, click by click', async () => {
    const program = new Program('qmlwebsocketclient/main', '--local');
    await program.prints(/^Welcome!\n/);

    program.type('\n');
    await program.prints(/Received message: Hello World\n/);
    await program.prints(/Received secure message: Hello Secure World\n/);
    program.type(' ');
    await program.prints(/\nSocket closed\n/);
    await program.prints(/Secure socket closed\n/);
    program.type('\n');
    await program.prints(/closed\n[^]*Received message: /);
    await program.prints(/closed\n[^]*Received secure message: /);
    program.type();

    const { code, stdout } = await program.ended;
    expect(code).to.equal(0);
    // As the binding in QML, it is shown at most once: not when the other connection was first.
    expect(stdout.match(/Sending\.\.\./g)?.length ?? 0).to.be.lessThan(2);
    const lines = stdout.split('\n').filter((line) => line !== 'Sending...');
    expect(lines.toSorted()).to.deep.equal([
      '',
      'Received message: Hello World',
      'Received message: Hello World',
      'Received secure message: Hello Secure World',
      'Received secure message: Hello Secure World',
      'Secure socket closed',
      'Socket closed',
      'Welcome!',
    ]);
  });

  it('tells on stderr why there is no connection', async () => {
    const program = new Program(
      'qmlwebsocketclient/main',
      `--url=ws://127.0.0.1:${NOBODY}`,
      `--secure-url=wss://127.0.0.1:${NOBODY}/echo`,
    );
    await program.prints(/^Welcome!\n/);

    program.type('\n');
    await program.prints(/Error: Connection refused .+\nError: Connection refused .+\n/);
    program.type('q');

    const { code, stderr } = await program.ended;
    expect(code).to.equal(0);
    expect(stderr).to.not.contain('internet');
  });

  it('asks the servers that Qt asks unless told otherwise', async () => {
    const program = new Program('qmlwebsocketclient/main');
    await program.prints(/^The servers are on the internet; .+ --local\.\n/);
    program.type();
    expect(await program.ended).to.deep.include({ code: 0, stdout: 'Welcome!\n' });

    const { stdout } = await new Program('qmlwebsocketclient/main', '-h').ended;
    expect(stdout).to.contain('[default: ws://ws.ifelse.io]');
    expect(stdout).to.contain('[default: wss://ws.ifelse.io]');
  });

  for (const option of ['--url=http://localhost', '--secure-url=']) {
    it(`refuses ${option}`, async () => {
      const { code, stderr } = await new Program('qmlwebsocketclient/main', option).ended;

      expect(code).to.equal(1);
      expect(stderr).to.match(
        /^qmlwebsocketclient: The (secure-)?url must be a URL that begins with ws:\/\/ or wss:\/\/\.\n$/,
      );
    });
  }
});

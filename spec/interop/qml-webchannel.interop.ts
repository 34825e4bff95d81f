import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { OurHost } from '../webchannel/support/our-host.ts';

const run = promisify(execFile);

describe('a QML program with QtWebSockets and qwebchannel.js, and our QWebChannel', () => {
  let host: OurHost;

  beforeEach(() => {
    host = new OurHost();
  });

  afterEach(() => {
    host.stop();
  });

  it('reads, calls, listens, and uses an object that a method returns', async () => {
    const { stdout } = await run(
      process.env['PYTHON'] ?? '/usr/bin/python3',
      ['tools/interop/qml-webchannel.py', host.url],
      { timeout: 30_000 },
    );

    const told = stdout.trim().split('\n');
    expect(told.map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      ['greeting', 'Grüße, 再见 😀'],
      ['Kind', { Open: 0, Closed: 5 }],
      ['login', true],
      ['users', ['alice']],
      ['message', ['alice', 'Hello']],
      ['room', ['kitchen', 'kitchen']],
    ]);
  });
});

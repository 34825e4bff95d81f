import { expect } from 'chai';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Summary } from '../../../lib/cli/report/summary.ts';
import { runHere } from '../support/run-here.ts';

const CHAT = 'spec/cli/fixtures/chat';

describe('qws report', () => {
  describe('of a program with C++, QML and Python', () => {
    let summary: Summary;

    before(async () => {
      const { code, stdout, stderr } = await runHere('report', CHAT, '--json');
      expect([code, stderr]).to.deep.equal([0, '']);
      summary = JSON.parse(stdout) as Summary;
    });

    it('tells what was read', () => {
      expect(summary.files).to.equal(7);
      expect(summary.users).to.deep.equal([
        'qml/Main.qml',
        'src/chatserver.cpp',
        'src/chatserver.h',
        'src/feed.cpp',
        'tools/probe.py',
      ]);
      expect(summary.modules).to.have.lengthOf(3);
      expect(summary.skipped).to.deep.equal([]);
    });

    it('finds all that it uses of QWebSocket', () => {
      const own = summary.members.filter(({ type }) => type === 'QWebSocket');

      expect(
        Object.fromEntries(own.map(({ member, places }) => [member, written(places)])),
      ).to.deep.equal({
        QWebSocket: 'src/feed.cpp:7 src/feed.cpp:17 tools/probe.py:10',
        abort: 'src/chatserver.cpp:35',
        close: 'src/chatserver.cpp:36 tools/probe.py:14',
        closeCode: 'src/feed.cpp:26',
        connected: 'src/feed.cpp:21 tools/probe.py:11',
        error: 'src/chatserver.cpp:20',
        flush: 'src/chatserver.cpp:34',
        ignoreSslErrors: 'src/feed.cpp:15',
        open: 'src/feed.cpp:18',
        ping: 'src/chatserver.cpp:33',
        sendTextMessage: 'src/chatserver.cpp:31 tools/probe.py:11',
        setSslConfiguration: 'src/feed.cpp:14',
        state: 'src/chatserver.cpp:30 tools/probe.py:13',
        textMessageReceived: 'src/chatserver.cpp:19',
      });
    });

    it('tells what becomes of each', () => {
      const listen = summary.members.find(({ member }) => member === 'listen');

      expect(listen).to.deep.equal({
        type: 'QWebSocketServer',
        member: 'listen',
        kind: 'method',
        here: 'server.listen()',
        page: 'docs/origins.md#what-happens-by-default',
        places: [{ file: 'src/chatserver.cpp', line: 12 }],
      });
    });

    it('tells what needs care', () => {
      expect(summary.care.map(({ topic }) => topic)).to.deep.equal([
        'threads',
        'waiting',
        'object-life',
        'closing',
        'close-codes',
        'error-signal',
        'signal-strings',
        'sender',
        'subclasses',
        'origins',
        'tls',
        'resources',
        'qobject',
        'qml',
      ]);
    });

    it('flags names that Qt does not have, with what to take', () => {
      expect(summary.unknown.map(({ member, instead }) => [member, instead])).to.deep.equal([
        ['onOpened', null],
        ['send', 'sendTextMessage(), sendBinaryMessage()'],
        ['setMaxIncomingFrameSize', 'setMaxAllowedIncomingFrameSize()'],
        ['UnsecuredMode', 'NonSecureMode'],
        ['pongReceived', 'pong'],
      ]);
    });
  });

  it('prints text for people', async () => {
    const { stdout } = await runHere('report', CHAT);

    expect(stdout).to.match(/^spec\/cli\/fixtures\/chat: 7 files read, 5 with WebSockets: /);
    expect(stdout).to.include('\nQWebSocket\n  QWebSocket(…) ');
    expect(stdout).to.match(/\n {2}flush\(\) +socket\.flush\(\)\n +src\/chatserver\.cpp:34\n/);
    expect(stdout).to.match(
      /\nNeeds care\n {2}Threads\n {4}One thread .*\n {4}src\/feed\.cpp:24 mov/,
    );
    expect(stdout).to.match(/\nNot in Qt 6\.9.*\n[^]* {2}QWebSocket::pongReceived {2}take pong\n/);
  });

  it('prints Markdown with boxes to tick', async () => {
    const { stdout } = await runHere('report', CHAT, '--markdown');

    expect(stdout).to.match(/^# Qt WebSockets in `spec\/cli\/fixtures\/chat`\n/);
    expect(stdout).to.include(
      '| `QWebSocket` | `flush()` | `socket.flush()` | docs/qt-surface.md |',
    );
    expect(stdout).to.include('\n- [ ] `src/feed.cpp:26` `closeCode`\n');
    expect(stdout).to.include('| `QWebSocket::pongReceived` | pong | tools/probe.py:12 |');
  });

  it('shows nothing that a terminal would obey', async function () {
    // Windows has no such names.
    if (process.platform === 'win32') this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'qws-'));
    writeFileSync(join(folder, '\x1b[2J.cpp'), 'QWebSocket *a;\nvoid f() { a->ping(); }');

    const text = await runHere('report', folder);
    const page = await runHere('report', folder, '--markdown');

    rmSync(folder, { recursive: true });
    for (const { stdout } of [text, page]) {
      expect(stdout).to.include('x1b');
      expect(stdout.replaceAll('\n', '')).to.not.match(/\p{Cc}/u);
    }
  });

  it('says so when there is nothing', async () => {
    const { code, stdout } = await runHere('report', 'spec/oracle/certs');

    expect([code, stdout]).to.deep.equal([
      0,
      'spec/oracle/certs: 0 files read, 0 with WebSockets.\n',
    ]);
  });

  const mistakes: [args: string[], message: string][] = [
    [['report', 'no-such-folder'], 'error: The folder cannot be read: ENOENT'],
    [['report', 'package.json'], 'error: That is not a folder.'],
    [['report', '.', '--json', '--markdown'], "option '--json' cannot be used with option"],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await runHere(...args);

      expect([code, stdout]).to.deep.equal([2, '']);
      expect(stderr).to.include(message);
    });
  }
});

function written(places: readonly { readonly file: string; readonly line: number }[]): string {
  return places.map(({ file, line }) => `${file}:${line}`).join(' ');
}

import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { answerOf } from '../../support/answer-of.ts';
import { emitted } from '../../support/emitted.ts';
import { writeModule } from '../support/page-module.ts';

const PAGE = 'docs/how-to/gateways.md';

describe(PAGE, () => {
  describe('the instance', function () {
    this.timeout(60_000);
    let child: ChildProcess;
    let at: string;

    beforeEach(async () => {
      const env = { ...process.env, PORT: '0', ORIGINS: 'https://app.example' };
      child = spawn(process.execPath, [writeModule(PAGE, 'instance.ts')], {
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const [line] = (await once(child.stdout!, 'data')) as [Buffer];
      at = /^Listening on (127\.0\.0\.1:\d+)$/m.exec(line.toString())![1]!;
    });

    afterEach(() => {
      child.kill('SIGKILL');
    });

    it('answers health checks, and nothing else, on the port of its WebSockets', async () => {
      expect((await answerOf(`http://${at}/health`)).status).to.equal(200);
      expect((await answerOf(`http://${at}/feed`)).status).to.equal(404);
    });

    it('lets in the pages it knows, and programs', async () => {
      const socket = new QWebSocket('https://app.example');
      const program = new QWebSocket();
      for (const each of [socket, program]) {
        each.open(`ws://${at}/feed`);
        await emitted(each.connected);
        each.abort();
      }
      const foreign = new QWebSocket('https://foreign.example');
      foreign.open(`ws://${at}/feed`);
      await emitted(foreign.disconnected);

      expect(foreign.errorString()).to.include('403');
    });

    it('says goodbye on SIGTERM and ends', async () => {
      const socket = new QWebSocket();
      socket.open(`ws://${at}/feed`);
      await emitted(socket.connected);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await emitted(socket.disconnected);

      expect([socket.closeCode(), socket.closeReason()]).to.deep.equal([1001, 'Restarting.']);
      expect(await ended).to.deep.equal([0, null]);
    });
  });
});

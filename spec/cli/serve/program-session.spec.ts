import { expect } from 'chai';
import { spy, useFakeTimers, type SinonFakeTimers } from 'sinon';
import { ProgramSession } from '../../../lib/cli/serve/program-session.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { Peer } from '../../examples/support/peer.ts';
import { emitted } from '../../support/emitted.ts';

const SAY_PID = 'console.log(process.pid)';
const STAY = 'setInterval(() => {}, 1000)';

describe('ProgramSession', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(20_000);

  let server: QWebSocketServer;
  let socket: QWebSocket;
  let peer: Peer;
  let session: ProgramSession;
  const brake = { pause: spy(), resume: spy() };

  beforeEach(async () => {
    brake.pause.resetHistory();
    brake.resume.resetHistory();
    server = new QWebSocketServer('Spec');
    server.listen(QHostAddress.LocalHost);
    const connected = emitted(server.newConnection);
    peer = await Peer.connect(server.serverUrl().toString());
    await connected;
    socket = server.nextPendingConnection()!;
  });

  afterEach(async () => {
    session.end();
    Peer.killAll();
    server.close();
    await session.done;
  });

  function start(program: string): void {
    const command = { file: process.execPath, args: ['-e', program], longestLine: 2 ** 20 };
    session = new ProgramSession(socket, brake, command, process.env, () => {});
  }

  it('holds the peer back while the program does not read, and only so long', async () => {
    start(`${STAY}; process.on("SIGUSR2", () => process.stdin.resume()); ${SAY_PID}`);
    const pid = Number(await peer.next());

    for (let sent = 0; sent < 64; sent += 1) peer.send('x'.repeat(64 * 1024));
    while (!brake.pause.called) await emitted(socket.textMessageReceived);
    expect(brake.resume.called).to.equal(false);

    process.kill(pid, 'SIGUSR2');
    while (!brake.resume.called) await new Promise(setImmediate);
  });

  it('holds the program back while the peer does not read', async () => {
    start('setInterval(() => process.stdout.write(`${"x".repeat(99_999)}\\n`.repeat(10)), 1)');
    peer.socket.pause();
    while (socket.bytesToWrite() < 256 * 1024) await new Promise(setImmediate);

    // Whatever the program has written until now, it is not read.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);

    expect(socket.bytesToWrite()).to.be.below(512 * 1024);
  });

  describe('of a program that will not end', () => {
    let clock: SinonFakeTimers;
    let pid: number;

    beforeEach(async () => {
      start(`${STAY}; process.on("SIGTERM", () => {}); ${SAY_PID}`);
      pid = Number(await peer.next());
      clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    });

    afterEach(() => clock.restore());

    it('asks it with SIGTERM after 2 s, and kills it after 2 more', async () => {
      const kill = spy(process, 'kill');
      peer.socket.terminate();
      await emitted(socket.disconnected);

      clock.tick(2000);
      clock.tick(2000);

      expect(kill.args).to.deep.equal([
        [-pid, 'SIGTERM'],
        [-pid, 'SIGKILL'],
      ]);
      kill.restore();
      await session.done;
    });
  });
});

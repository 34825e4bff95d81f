import { expect } from 'chai';
import { spy, useFakeTimers, type SinonFakeTimers, type SinonSpy } from 'sinon';
import { ProgramSession } from '../../../lib/cli/serve/program-session.ts';
import { SocketState } from '../../../lib/network/qabstractsocket.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { Peer } from '../../examples/support/peer.ts';
import { emitted } from '../../support/emitted.ts';

const SAY_PID = 'console.log(process.pid)';
const STAY = 'setInterval(() => {}, 1000)';

describe('ProgramSession', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let server: QWebSocketServer;
  let socket: QWebSocket;
  let peer: Peer;
  let session: ProgramSession;
  let pid: number;
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
    pid = Number(await peer.next());

    for (let sent = 0; sent < 64; sent += 1) peer.send('x'.repeat(64 * 1024));
    while (!brake.pause.called) await emitted(socket.textMessageReceived);
    expect(brake.resume.called).to.equal(false);

    process.kill(pid, 'SIGUSR2');
    while (!brake.resume.called) await new Promise(setImmediate);
  });

  describe('that holds the peer back', () => {
    let clock: SinonFakeTimers;
    let ping: SinonSpy;

    beforeEach(async () => {
      clock = useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
      ping = spy(socket, 'ping');
      start(`${STAY}; process.on("SIGUSR2", () => process.exit()); ${SAY_PID}`);
      pid = Number(await peer.next());
      for (let sent = 0; sent < 64; sent += 1) peer.send('x'.repeat(64 * 1024));
      while (!brake.pause.called) await emitted(socket.textMessageReceived);
    });

    afterEach(() => clock.restore());

    it('pings it, for only so it learns that the peer has gone', () => {
      clock.tick(10_000);
      expect(ping.callCount).to.equal(1);
    });

    it('lets it go when the program has ended', async () => {
      process.kill(pid, 'SIGUSR2');
      await session.done;
      clock.tick(100_000);

      expect(brake.resume.called).to.equal(true);
      expect(ping.called).to.equal(false);
    });
  });

  it('holds the program back while the peer does not read', async () => {
    start('setInterval(() => process.stdout.write(`${"x".repeat(99_999)}\\n`.repeat(10)), 1)');
    peer.socket.pause();
    while (socket.bytesToWrite() < 256 * 1024) await new Promise(setImmediate);

    // Whatever the program has written until now, it is not read.
    for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);

    expect(socket.bytesToWrite()).to.be.below(512 * 1024);
  });

  it('closes although what the program has started goes on to hold its output', async () => {
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      start(
        `const args = ["-e", "${STAY}"], stdio = ["ignore", "inherit", "ignore"];
        const options = { stdio, detached: true };
        const child = require("child_process").spawn(process.execPath, args, options);
        child.unref();
        console.log(child.pid);`,
      );
      pid = Number(await peer.next());
      while (socket.state() !== SocketState.UnconnectedState) {
        clock.tick(10);
        await new Promise(setImmediate);
      }
      expect(socket.closeCode()).to.equal(1000);
    } finally {
      clock.restore();
      process.kill(pid, 'SIGKILL');
    }
  });

  it('has nothing to wait for when it is ended after its program', async () => {
    start('');
    await session.done;
    const clock = useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    session.end();

    expect(clock.countTimers()).to.equal(0);
    clock.restore();
  });

  describe('of a program that will not end', () => {
    let clock: SinonFakeTimers;

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

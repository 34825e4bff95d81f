import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { ConnectProxy } from '../../support/connect-proxy.ts';
import { LoginPeer } from '../../support/login-peer.ts';
import { NOBODY } from '../../support/ports.ts';
import { RawPeer } from '../../support/raw-peer.ts';
import { SecurePeer, showing } from '../../support/secure-peer.ts';
import { Qws } from '../support/qws.ts';

type Behaviour = (socket: QWebSocket) => void;

/** Leaves it to the server to close. */
const PATIENTLY = ['--wait', 'forever'];

/** Sends texts back, and closes behind so many of them. */
function echo(count = Infinity): Behaviour {
  return (socket) => {
    let left = count;
    socket.textMessageReceived.connect((message) => {
      socket.sendTextMessage(message);
      left -= 1;
      if (left === 0) socket.close();
    });
  };
}

describe('qws connect', function () {
  // Starting a process takes a while on a busy machine.
  this.timeout(60_000);

  let server: QWebSocketServer;
  let sockets: QWebSocket[];

  afterEach(() => {
    server.close();
    for (const socket of sockets) socket.abort();
    Qws.killAll();
  });

  function serve(behaviour: Behaviour): string {
    sockets = [];
    server = new QWebSocketServer('Spec');
    server.setSupportedSubprotocols(['chat.v2']);
    server.newConnection.connect(() => {
      const socket = server.nextPendingConnection()!;
      sockets.push(socket);
      behaviour(socket);
    });
    server.listen(QHostAddress.LocalHost);
    return server.serverUrl().toString();
  }

  describe('with --execute', () => {
    it('sends, and prints what comes', async () => {
      const url = serve(echo(2));

      const ending = await new Qws(['connect', url, '-x', 'one', '-x', 'two', ...PATIENTLY]).ended;

      expect(ending).to.deep.equal({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
    });

    it('closes with 1000 when it has waited', async () => {
      const url = serve(() => {});

      const { code } = await new Qws(['connect', url, '-x', 'one', '--wait', '0']).ended;

      expect([code, sockets[0]?.closeCode()]).to.deep.equal([0, 1000]);
    });

    it('asks for what it is told to', async () => {
      const url = serve(echo(1));
      const args = ['-H', 'X-Token: a:b', '-H', 'X-Other: c', '-s', 'chat.v1', '-s', 'chat.v2'];

      await new Qws(['connect', url, ...args, '-o', 'http://localhost', '-x', '', ...PATIENTLY])
        .ended;

      const [socket] = sockets;
      expect(socket?.request().rawHeader('x-token')).to.equal('a:b');
      expect(socket?.request().rawHeader('x-other')).to.equal('c');
      expect(socket?.subprotocol()).to.equal('chat.v2');
      expect(socket?.origin()).to.equal('http://localhost');
    });

    it('takes an address without a scheme', async () => {
      const url = serve(echo(1));

      const bare = url.replace('ws://', '');

      expect((await new Qws(['connect', bare, '-x', 'hi', ...PATIENTLY]).ended).stdout).to.equal(
        'hi\n',
      );
    });

    it('agrees on compression with --compress', async () => {
      const url = serve(echo(1));
      server.setCompressionEnabled(true);

      await new Qws(['connect', url, '--compress', '-x', 'hi', ...PATIENTLY]).ended;

      expect(sockets[0]?.extensions()).to.equal('permessage-deflate');
    });

    it('waits for the server to close with --wait forever', async () => {
      const url = serve((socket) => {
        socket.textMessageReceived.connect(() => socket.close(4001, 'enough'));
      });

      const ending = await new Qws(['connect', url, '-x', 'hi', '--wait', 'forever']).ended;

      expect(ending).to.deep.equal({ code: 0, stdout: '', stderr: 'closed with 4001: enough\n' });
    });
  });

  describe('with standard input', () => {
    it('sends each line as a message, and prints each that comes', async () => {
      const url = serve(echo());
      const qws = new Qws(['connect', url, '--wait', '0']);

      qws.type('/help\n\nä\n');
      await qws.prints(/^\/help\n\nä\n$/);
      qws.type();

      expect(await qws.ended).to.deep.include({ code: 0, stderr: '' });
      expect(sockets[0]?.closeCode()).to.equal(1000);
    });

    it('sends all of it before it closes, however much it is', async () => {
      let bytes = 0;
      const url = serve((socket) => {
        socket.textMessageReceived.connect((message) => (bytes += message.length));
      });
      const input = `${'x'.repeat(1000)}\n`.repeat(5000) + 'last';

      const { code } = await new Qws(['connect', url, '--wait', '0'], { input }).ended;

      expect([code, bytes]).to.deep.equal([0, 5_000_004]);
    });

    it('ends with 1 when the server closes before everything was sent', async () => {
      const url = serve((socket) => {
        socket.textMessageReceived.connect(() => socket.close());
      });
      const qws = new Qws(['connect', url]);

      qws.type('one\n');

      const { code, stderr } = await qws.ended;
      expect([code, stderr]).to.deep.equal([
        1,
        'error: The server closed before everything was sent.\n',
      ]);
    });

    it('closes with 1001 and ends with 0 on SIGTERM', async () => {
      const url = serve(echo());
      const qws = new Qws(['connect', url]);
      qws.type('one\n');
      await qws.prints(/^one\n/);

      qws.signal('SIGTERM');

      expect((await qws.ended).code).to.equal(0);
      expect(sockets[0]?.closeCode()).to.equal(1001);
    });
  });

  describe('with --json', () => {
    it('prints an object for each event', async () => {
      const url = serve((socket) => {
        socket.sendTextMessage('\x1b[2J\u202e"');
        socket.sendBinaryMessage(Buffer.from([1, 255]));
        socket.close(4002, 'so long');
      });

      const qws = new Qws([
        'connect',
        `${url}/feed?token=s3cret`,
        '--json',
        '-x',
        'a',
        ...PATIENTLY,
      ]);

      const { code, stdout, stderr } = await qws.ended;
      expect([code, stderr]).to.deep.equal([0, '']);
      expect(stdout.replaceAll('\n', '')).to.not.match(/s3cret|\p{C}/u);
      expect(eventsIn(stdout)).to.deep.equal([
        {
          event: 'connected',
          url: `${url}/feed`,
          subprotocol: '',
          extensions: '',
          peerAddress: '127.0.0.1',
          peerPort: server.serverPort(),
        },
        { event: 'text', message: '\x1b[2J\u202e"' },
        { event: 'binary', bytes: 2, base64: 'Af8=' },
        { event: 'closed', code: 4002, reason: 'so long' },
      ]);
    });

    it('names the error when there is no connection', async () => {
      const { code, stdout } = await new Qws(['connect', `127.0.0.1:${NOBODY}`, '--json']).ended;

      expect(code).to.equal(1);
      const [event] = eventsIn(stdout);
      expect(event).to.include({ event: 'error', error: 'ConnectionRefusedError' });
      expect(event?.['message']).to.match(/^Connection refused \(TCP: .*Nothing listens there\.$/);
    });
  });

  describe('when it fails', () => {
    it('prints errorString() with its advice', async () => {
      serve(echo());

      const { code, stdout, stderr } = await new Qws(['connect', 'http://localhost']).ended;

      expect([code, stdout]).to.deep.equal([1, '']);
      expect(stderr).to.match(/^error: Unsupported WebSocket scheme: http \(request: .*\)\.\n$/);
    });

    it('says so when it is interrupted before there is a connection', async () => {
      serve(echo());
      const peer = await RawPeer.listen();
      const qws = new Qws(['connect', peer.url]);
      await (await peer.next()).head();

      qws.signal('SIGINT');

      const ending = await qws.ended;
      peer.close();
      expect(ending).to.deep.equal({
        code: 1,
        stdout: '',
        stderr: 'error: The attempt was given up.\n',
      });
    });

    for (const form of [[], ['--json']]) {
      it(`shows no secret of the URL ${form.join('')}`, async () => {
        const url = serve((socket) => socket.abort()).replace('//', '//joe:s3cret@');
        const args = ['connect', `${url}/a?token=s3cret#s3cret`, '-H', 'Cookie: s3cret'];

        const lost = await new Qws([...args, ...form]).ended;
        server.close();
        const refused = await new Qws([...args, ...form]).ended;

        expect([lost.code, refused.code]).to.deep.equal([1, 1]);
        expect(JSON.stringify([lost, refused])).to.not.match(/s3cret|czNjcmV0/);
      });
    }

    it('ends with 1 when the connection is lost', async () => {
      const url = serve((socket) => socket.abort());

      const { code, stderr } = await new Qws(['connect', url]).ended;

      expect(code).to.equal(1);
      expect(stderr).to.match(
        /^error: The remote host closed the connection.*\nclosed with 1006\n$/,
      );
    });

    it('gives up when no pong comes within --ping-interval', async () => {
      const peer = await SecurePeer.listen(showing('server'), '127.0.0.1');
      serve(echo());
      const qws = new Qws(['connect', peer.url, '--ping-interval', '0.2', '--no-check']);
      await peer.accept();

      const { code, stderr } = await qws.ended;

      peer.close();
      expect(code).to.equal(1);
      expect(stderr).to.include('error: No pong came within 0.2 s.\n');
    });

    it('gives up rather than to keep what nobody reads', async () => {
      const url = serve((socket) => {
        const message = 'x'.repeat(8 * 1024 * 1024);
        for (let sent = 0; sent < 12; sent += 1) socket.sendTextMessage(message);
      });
      const qws = new Qws(['connect', url], { isUnread: true });

      await qws.prints(/^error: Nobody reads the output\.\n/);

      qws.signal('SIGKILL');
    });

    it('gives up as well when all that comes are pongs', async () => {
      const peer = await RawPeer.listen();
      serve(echo());
      const qws = new Qws(['connect', peer.url, '--json'], { isUnread: true });
      const connection = await peer.accept();
      const pong = Buffer.concat([Buffer.from([0x8a, 125]), Buffer.alloc(125)]);
      const pongs = Buffer.concat(Array<Buffer>(500).fill(pong));
      const flood = (): void => {
        while (!connection.socket.destroyed && connection.socket.write(pongs));
      };
      connection.socket.on('drain', flood);
      flood();

      await connection.over;

      qws.signal('SIGKILL');
      peer.close();
    });

    it('refuses a message of more than --max-message', async () => {
      const url = serve((socket) => socket.sendTextMessage('12345'));

      const { code, stderr } = await new Qws(['connect', url, '--max-message', '4']).ended;

      expect(code).to.equal(1);
      expect(stderr).to.include('closed with 1009');
    });
  });

  describe('with TLS', () => {
    it('does not connect to whom it cannot verify', async () => {
      serve(echo());
      const peer = await SecurePeer.listen();

      const { code, stderr } = await new Qws(['connect', peer.url]).ended;

      peer.close();
      expect(code).to.equal(1);
      expect(stderr).to.match(/error: .*\(TLS: /);
    });

    it('warns loudly when it connects all the same', async () => {
      serve(echo());
      const peer = await SecurePeer.listen();
      const qws = new Qws(['connect', peer.url, '--no-check', '-x', 'hi']);
      await peer.accept();

      await qws.prints(/^warning: The certificate of the server is not checked \(--no-check\)/);

      qws.signal('SIGKILL');
      peer.close();
    });

    it('shows the certificate that it is given', async () => {
      serve(echo());
      const peer = await SecurePeer.listen({
        ...showing('server'),
        requestCert: true,
        rejectUnauthorized: true,
        ca: readFileSync('spec/oracle/certs/ca.crt'),
      });
      const certs = 'spec/oracle/certs';
      const args = ['--ca', `${certs}/ca.crt`, '--cert', `${certs}/client.crt`];

      const qws = new Qws(['connect', peer.url, ...args, '--key', `${certs}/client.key`]);
      await peer.accept();

      expect(peer.streams[0]?.authorized).to.equal(true);
      qws.signal('SIGKILL');
      peer.close();
    });
  });

  it('logs in where the server asks for it, with the password of QWS_PASSWORD', async () => {
    serve(echo());
    const peer = await LoginPeer.listen(false, { closes: false, hasLength: true, body: '' });
    const env = { QWS_PASSWORD: 'password' };

    const qws = new Qws(['connect', peer.url(''), '--auth', 'user', '-x', 'a', '--wait', '0'], {
      env,
    });
    // It answers no Close frame, for which qws would wait.
    while (peer.heads.length < 2) await setImmediate();
    peer.close();

    const { stderr } = await qws.ended;
    expect(peer.heads.at(-1)).to.include(`Basic ${btoa('user:password')}`);
    expect(stderr).to.not.include('password');
  });

  it('goes through the proxy that it is told to', async () => {
    const url = serve(echo(1));
    const proxy = await ConnectProxy.listen(server.serverPort());
    const args = ['--proxy', `http://joe:s3cret@127.0.0.1:${proxy.port}`, '-x', 'hi', ...PATIENTLY];

    const ending = await new Qws(['connect', url, ...args]).ended;

    proxy.close();
    expect(ending).to.deep.equal({ code: 0, stdout: 'hi\n', stderr: '' });
    expect(proxy.heads).to.have.lengthOf(1);
  });

  it('goes through the proxy that the environment names', async () => {
    serve(echo(1));
    const proxy = await ConnectProxy.listen(server.serverPort());
    const env = { WS_PROXY: `http://127.0.0.1:${proxy.port}` };

    const ending = await new Qws(['connect', 'echo.test', '-x', 'hi', ...PATIENTLY], { env }).ended;

    proxy.close();
    expect(ending).to.deep.equal({ code: 0, stdout: 'hi\n', stderr: '' });
  });
});

/** What was printed, without the times, which are checked to be times. */
function eventsIn(stdout: string): Record<string, unknown>[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => {
      const { time, ...event } = JSON.parse(line) as Record<string, unknown>;
      expect(new Date(String(time)).toISOString()).to.equal(time);
      return event;
    });
}

import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import type { QAuthenticator } from '../../lib/network/qauthenticator.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { emitted } from '../support/emitted.ts';
import { LoginPeer, type Refusal } from '../support/login-peer.ts';
import { logSignals } from '../support/signal-log.ts';
import { wordsOf } from '../support/words-of.ts';

const BODY = '<html><body>Who are you?</body></html>';

const KEEPING: Refusal = { closes: false, hasLength: true, body: BODY };
const CLOSING: Refusal = { closes: true, hasLength: false, body: BODY };

/** What the slot sets: one pair for each call, the last one again and again; undefined for none. */
type Answers = readonly (readonly [user: string, password: string])[] | undefined;

describe('QWebSocket (Node) and a server that wants to know who asks', () => {
  let peer: LoginPeer;
  let socket: QWebSocket;
  let log: string[];
  let realms: string[];

  beforeEach(() => {
    socket = new QWebSocket();
    log = logSignals(socket, ['bytesWritten', 'error', 'authenticationRequired']);
    realms = [];
  });

  afterEach(() => {
    socket.abort();
    peer.close();
  });

  function answerWith(answers: Answers): void {
    socket.authenticationRequired.connect((authenticator: QAuthenticator) => {
      const at = realms.push(authenticator.realm()) - 1;
      if (answers === undefined) return;
      const [user, password] = answers[at] ?? answers.at(-1)!;
      authenticator.setUser(user);
      authenticator.setPassword(password);
    });
  }

  function over(): Promise<unknown> {
    return Promise.race([emitted(socket.connected), emitted(socket.disconnected)]);
  }

  // tst_QWebSocket::authenticationRequired
  const servers: Record<string, Refusal> = {
    'normal-server': KEEPING,
    'connection-close': { closes: true, hasLength: false, body: BODY },
    // Qt's server leaves the length out together with close, whatever the row says.
    'connection-close-no-content-length': CLOSING,
    'connection-close-no-content-length-no-body': { ...CLOSING, body: '' },
    'keep-alive-no-content-length-no-body': { closes: false, hasLength: false, body: '' },
  };
  const RIGHT = ['user', 'password'] as const;
  const WRONG = ['test', 'test'] as const;
  const clients: Record<string, [userInfo: string, answers: Answers, asked: number, ok: boolean]> =
    {
      'url-ok': ['user:password', undefined, 0, true],
      'callback-ok': ['', [RIGHT], 1, true],
      'url-wrong-callback-ok': ['admin:admin', [RIGHT], 1, true],
      'url-wrong-callback-wrong': ['admin:admin', [WRONG], 2, false],
      'no-creds': ['', undefined, 1, false],
      'url-wrong-callback-2-ok': ['admin:admin', [WRONG, RIGHT], 2, true],
    };
  for (const isSecure of [false, true]) {
    for (const [server, refusal] of Object.entries(servers)) {
      for (const [client, [userInfo, answers, asked, isWelcome]] of Object.entries(clients)) {
        const name = `${isSecure ? 'SslServer' : 'Server'}:${server},Client:${client}`;

        it(`${isWelcome ? 'connects' : 'fails'}: ${name}`, async () => {
          peer = await LoginPeer.listen(isSecure, refusal);
          const configuration = QSslConfiguration.defaultConfiguration();
          configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
          socket.setSslConfiguration(configuration);
          socket.ignoreSslErrors();
          answerWith(answers);
          const done = over();
          socket.open(peer.url(userInfo));
          await done;
          await setImmediate();

          expect(realms).to.deep.equal(Array(asked).fill('shadow'));
          expect(log.filter((line) => line.startsWith('stateChanged'))).to.deep.equal([
            'stateChanged Connecting',
            `stateChanged ${isWelcome ? 'Connected' : 'Unconnected'}`,
          ]);
          expect(log.filter((line) => line.startsWith('errorOccurred'))).to.deep.equal(
            isWelcome ? [] : ['errorOccurred 0'],
          );
          expect(log.includes('connected')).to.equal(isWelcome);
          const tries = asked + (userInfo === '' ? 0 : 1) + (isWelcome ? 1 : 0);
          expect(peer.heads).to.have.lengthOf(tries);
          expect(peer.count).to.equal(refusal.hasLength ? 1 : tries);
        });
      }
    }
  }

  it('never says who it is unless it is asked', async () => {
    peer = await LoginPeer.listen(false, KEEPING);
    const done = over();
    socket.open(peer.url('user:password'));
    await done;

    expect(peer.heads[0]).to.not.match(/authorization|user|password/i);
    expect(peer.heads[1]).to.not.contain('user:password');
  });

  it('has another key for each try', async () => {
    peer = await LoginPeer.listen(false, KEEPING);
    answerWith([WRONG, RIGHT]);
    const done = over();
    socket.open(peer.url('admin:admin'));
    await done;
    const keys = peer.heads.map((head) => /^Sec-WebSocket-Key: (.*)\r$/m.exec(head)![1]);

    expect(new Set(keys).size).to.equal(4);
  });

  it('forgets user and password with the connection', async () => {
    peer = await LoginPeer.listen(false, KEEPING);
    answerWith([RIGHT]);
    let done = over();
    socket.open(peer.url(''));
    await done;
    done = over();
    socket.open(peer.url(''));
    await done;

    // The second connection begins from nothing, and what the slot says is new again.
    expect(peer.heads.map((head) => head.includes('Authorization'))).to.deep.equal([
      false,
      true,
      false,
      true,
    ]);
    expect(realms).to.have.lengthOf(2);
    expect(socket.isValid()).to.equal(true);
  });

  it('keeps the secret out of what it says about errors', async () => {
    peer = await LoginPeer.listen(false, KEEPING);
    const done = over();
    socket.open(peer.url('admin:s3cret'));
    await done;

    expect(wordsOf(socket.errorString())).to.equal(
      'QWebSocket::processHandshake: Host requires authentication',
    );
    expect(socket.requestUrl().password()).to.equal('s3cret');
  });

  it('ends as every handshake that fails', async () => {
    peer = await LoginPeer.listen(false, KEEPING);
    const done = emitted(socket.readChannelFinished);
    socket.open(peer.url(''));
    await done;

    expect(log).to.deep.equal([
      'stateChanged Connecting',
      'errorOccurred 0',
      'stateChanged Unconnected',
      'disconnected',
      'readChannelFinished',
    ]);
  });

  it('does not go on for ever with a slot that always has another answer', async () => {
    peer = await LoginPeer.listen(false, CLOSING);
    let asked = 0;
    socket.authenticationRequired.connect((authenticator) => {
      authenticator.setUser(`joe${++asked}`);
    });
    const done = over();
    socket.open(peer.url(''));
    await done;

    expect(asked).to.equal(16);
    expect(peer.count).to.equal(17);
  });

  describe('a slot of authenticationRequired', () => {
    for (const refusal of [KEEPING, CLOSING]) {
      const kind = refusal.closes ? 'closes' : 'stays';

      for (const what of ['abort', 'close'] as const) {
        it(`may ${what}() when the server ${kind}`, async () => {
          peer = await LoginPeer.listen(false, refusal);
          socket.authenticationRequired.connect((authenticator) => {
            authenticator.setUser('user');
            authenticator.setPassword('password');
            socket[what]();
          });
          const done = emitted(socket.readChannelFinished);
          socket.open(peer.url(''));
          await done;
          await setImmediate();

          expect(log).to.deep.equal([
            'stateChanged Connecting',
            'aboutToClose',
            'stateChanged Unconnected',
            'disconnected',
            'readChannelFinished',
          ]);
          expect(peer.heads).to.have.lengthOf(1);
        });
      }

      it(`may open() anew when the server ${kind}`, async () => {
        peer = await LoginPeer.listen(false, refusal);
        let times = 0;
        socket.authenticationRequired.connect((authenticator) => {
          authenticator.setUser('nobody');
          if (++times === 1) socket.open(peer.url('user:password'));
        });
        const done = emitted(socket.connected);
        socket.open(peer.url(''));
        await done;
        await setImmediate();

        expect(times).to.equal(1);
        expect(log).to.deep.equal([
          'stateChanged Connecting',
          'stateChanged Connected',
          'connected',
        ]);
      });

      it(`may deleteLater() when the server ${kind}`, async () => {
        peer = await LoginPeer.listen(false, refusal);
        const gone = new Promise<void>((resolve) => socket.destroyed.connect(() => resolve()));
        socket.authenticationRequired.connect(() => socket.deleteLater());
        socket.open(peer.url(''));
        await gone;
        await setImmediate();

        expect(peer.heads).to.have.lengthOf(1);
        expect(log.filter((line) => line === 'disconnected').length).to.be.at.most(1);
      });
    }
  });
});

import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, unwatchFile } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import type { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import type { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import { programInPath } from '../../support/program-in-path.ts';
import { exportsOf, namedBlocksOf } from '../support/page-module.ts';

interface Code {
  showing(chainFile: string, keyFile: string): QSslConfiguration;
  listen(chainFile: string, keyFile: string, port: number): QWebSocketServer;
  trusting(file: string): QWebSocket;
  pinning(digest: string): QWebSocket;
  ignoringSelfSigned(file: string): QWebSocket;
  serverFor(shown: QSslConfiguration, authorityFile: string): QWebSocketServer;
  nameOf(socket: QWebSocket): string;
  sharedKeyServer(keys: ReadonlyMap<string, Uint8Array>): QWebSocketServer;
  sharedKeyClient(identity: string, key: Uint8Array): QWebSocket;
  renew(server: QWebSocketServer, chainFile: string, read: () => QSslConfiguration): void;
}

const PAGE = 'docs/how-to/tls.md';

describe(PAGE, function () {
  // openssl has to start a few times.
  this.timeout(60_000);
  let folder: string | undefined;
  let server: QWebSocketServer | undefined;
  let socket: QWebSocket;
  let accepted: QWebSocket | undefined;

  let code: Code;

  before(async function () {
    // The page makes its certificates with them; CI installs them.
    if (programInPath('sh') === undefined || programInPath('openssl') === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'qws-tls-'));
    code = await exportsOf<Code>(
      PAGE,
      'server.ts',
      'client.ts',
      'pinned.ts',
      'ignoring.ts',
      'client-certificates.ts',
      'shared-key.ts',
      'renewal.ts',
    );
    run('authority.sh');
    for (const ending of ['crt', 'key']) {
      copyFileSync(at(`server.${ending}`), at(`signed.${ending}`));
    }
    run('self-signed.sh');
  });

  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  afterEach(() => {
    socket.abort();
    accepted?.abort();
    server?.close();
    accepted = undefined;
    server = undefined;
  });

  it('has commands that make a certificate which its client trusts', async () => {
    server = code.listen(at('server.crt'), at('server.key'), 0);
    socket = code.trusting(at('server.crt'));

    expect(await open()).to.equal('connected');
  });

  it('has commands that make an authority which its client trusts', async () => {
    server = code.listen(at('signed.crt'), at('signed.key'), 0);
    socket = code.trusting(at('ca.crt'));

    expect(await open()).to.equal('connected');
  });

  it('tells apart an unknown authority, a self-signed certificate and a wrong name', async () => {
    server = code.listen(at('signed.crt'), at('signed.key'), 0);
    socket = code.trusting(at('server.crt'));
    expect(await open()).to.include(words(1));
    server.close();

    server = code.listen(at('server.crt'), at('server.key'), 0);
    socket = code.trusting(at('ca.crt'));
    expect(await open()).to.include(words(0));
    socket = code.trusting(at('server.crt'));
    expect(await open('127.0.0.2')).to.include(words(2));
  });

  it('pins a certificate by its digest', async () => {
    server = code.listen(at('server.crt'), at('server.key'), 0);
    const digest = run('digest.sh').trim().split('= ')[1]!;
    socket = code.pinning(digest);

    expect(await open()).to.equal('connected');
  });

  it('refuses what is not pinned', async () => {
    const said: unknown[] = [];
    const { error } = console;
    console.error = (text) => said.push(text);
    try {
      server = code.listen(at('server.crt'), at('server.key'), 0);
      socket = code.pinning('00'.repeat(32));

      expect(await open()).to.include(words(0));
      expect(said.join()).to.match(/^Another certificate: [\da-f]{64}$/m);
    } finally {
      console.error = error;
    }
  });

  it('ignores the self-signed certificate it knows, and no wrong name', async () => {
    server = code.listen(at('server.crt'), at('server.key'), 0);
    socket = code.ignoringSelfSigned(at('server.crt'));
    expect(await open()).to.equal('connected');
    socket.abort();

    expect(await open('127.0.0.2')).to.include(words(0));
  });

  it('lets in who shows a certificate of its authority, and says who it is', async () => {
    server = code.serverFor(code.showing(at('signed.crt'), at('signed.key')), at('ca.crt'));
    listenQuietly(server);
    socket = code.trusting(at('ca.crt'));
    const tls = socket.sslConfiguration();
    const own = code.showing(at('client.crt'), at('client.key'));
    tls.setLocalCertificateChain(own.localCertificateChain());
    tls.setPrivateKey(own.privateKey());
    socket.setSslConfiguration(tls);
    const taken = take(server);

    expect(await open()).to.equal('connected');
    expect(code.nameOf(await taken)).to.equal('client');
  });

  it('keeps out who shows none', async () => {
    server = code.serverFor(code.showing(at('signed.crt'), at('signed.key')), at('ca.crt'));
    server.sslErrors.disconnect();
    listenQuietly(server);
    socket = code.trusting(at('ca.crt'));

    expect(await open()).to.include('ended the connection without an answer');
  });

  it('connects two that share a key, and nobody else', async () => {
    const key = new Uint8Array(32).fill(7);
    server = code.sharedKeyServer(new Map([['device-1', key]]));
    listenQuietly(server);
    socket = code.sharedKeyClient('device-1', key);
    expect(await open()).to.equal('connected');
    socket.abort();

    socket = code.sharedKeyClient('device-1', new Uint8Array(32));
    expect(await open()).to.match(/^Error during SSL handshake/);
    socket = code.sharedKeyClient('device-2', key);
    expect(await open()).to.match(/^Error during SSL handshake/);
  });

  it('takes a renewed certificate on SIGHUP, and keeps open connections', async () => {
    const others = process.listeners('SIGHUP');
    server = code.listen(at('server.crt'), at('server.key'), 0);
    try {
      code.renew(server, at('server.crt'), () => code.showing(at('signed.crt'), at('signed.key')));
      socket = code.trusting(at('server.crt'));
      await open();
      process.emit('SIGHUP', 'SIGHUP');
    } finally {
      unwatchFile(at('server.crt'));
      for (const listener of process.listeners('SIGHUP')) {
        if (!others.includes(listener)) process.off('SIGHUP', listener);
      }
    }
    const next = code.trusting(at('ca.crt'));

    expect(await open('127.0.0.1', next)).to.equal('connected');
    expect(socket.isValid()).to.equal(true);
    next.abort();
  });

  it('keeps the old certificate when the new one and its key do not fit', async () => {
    server = code.listen(at('server.crt'), at('server.key'), 0);
    server.serverError.disconnect();
    server.setSslConfiguration(code.showing(at('signed.crt'), at('server.key')));
    expect(server.errorString()).to.include('key values mismatch');
    socket = code.trusting(at('server.crt'));

    expect(await open()).to.equal('connected');
  });

  function at(file: string): string {
    return join(folder!, file);
  }

  /** What commands of the page print. */
  function run(file: string): string {
    const commands = namedBlocksOf(PAGE).get(file)!;
    const options = { cwd: folder!, encoding: 'utf8', stdio: 'pipe' } as const;
    return execFileSync('sh', ['-e', '-c', commands], options);
  }

  /** What the table of errors says in its nth row. */
  function words(row: number): string {
    const rows = readFileSync(PAGE, 'utf8').matchAll(/^\| `([^`|]+)`.* \|$/gm);
    return Array.from(rows, ([, text]) => text!)[row]!;
  }

  function listenQuietly(secure: QWebSocketServer): void {
    expect(secure.listen('127.0.0.1', 0)).to.equal(true);
  }

  function take(from: QWebSocketServer): Promise<QWebSocket> {
    return new Promise((resolve) => {
      from.newConnection.connect(() => {
        accepted = from.nextPendingConnection() ?? undefined;
        resolve(accepted!);
      });
    });
  }

  /** `connected`, or what went wrong. */
  function open(host = '127.0.0.1', opened = socket): Promise<string> {
    return new Promise((resolve) => {
      opened.connected.connect(() => resolve('connected'));
      opened.disconnected.connect(() => resolve(opened.errorString()));
      opened.open(`wss://${host}:${server!.serverPort()}`);
    });
  }
});

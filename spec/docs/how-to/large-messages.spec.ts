import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface Code {
  sendFile(socket: QWebSocket, path: string): Promise<void>;
  receiveFile(socket: QWebSocket, path: string): Promise<void>;
}

const PAGE = 'docs/how-to/large-messages.md';

describe(PAGE, function () {
  this.timeout(60_000);
  let code: Code;
  let folder: string;
  let server: QWebSocketServer;
  let sender: QWebSocket;
  let receiver: QWebSocket;

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'file-transfer.ts');
    folder = mkdtempSync(join(tmpdir(), 'qws-large-'));
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  beforeEach(async () => {
    server = new QWebSocketServer('Test');
    server.listen('127.0.0.1', 0);
    sender = new QWebSocket();
    sender.open(server.serverUrl());
    const connected = emitted(sender.connected);
    await emitted(server.newConnection);
    receiver = server.nextPendingConnection()!;
    await connected;
  });

  afterEach(() => {
    sender.abort();
    receiver.abort();
    server.close();
  });

  for (const size of [0, 1, 256 * 1024, 5_000_000]) {
    it(`carries a file of ${size} bytes`, async () => {
      const [from, to] = [join(folder, 'from'), join(folder, 'to')];
      writeFileSync(from, randomBytes(size));
      await Promise.all([code.receiveFile(receiver, to), code.sendFile(sender, from)]);

      expect(readFileSync(to).equals(readFileSync(from))).to.equal(true);
    });
  }

  it('fails at both ends when the connection is lost', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    writeFileSync(from, randomBytes(5_000_000));
    const received = code.receiveFile(receiver, to).catch((error: Error) => error.message);
    const sent = code.sendFile(sender, from).catch((error: Error) => error.message);
    await emitted(receiver.binaryMessageReceived);
    receiver.abort();

    expect(await sent).to.match(/^The connection ended: The remote host closed/);
    expect(await received).to.match(/^The connection ended: /);
  });

  it('fails when the receiver leaves without an answer', async () => {
    const from = join(folder, 'from');
    writeFileSync(from, randomBytes(5_000_000));
    const sent = code.sendFile(sender, from).catch((error: Error) => error.message);
    for (let pieces = 0; pieces < 9; pieces++) await emitted(receiver.binaryMessageReceived);
    receiver.abort();

    expect(await sent).to.match(/^The connection ended: The remote host closed/);
  });

  it('refuses a sender that does not wait for the answers', async () => {
    const received = code.receiveFile(receiver, join(folder, 'to')).catch(() => 'failed');
    for (let sent = 0; sent < 50; sent++) sender.sendBinaryMessage(new Uint8Array(256 * 1024));
    await emitted(sender.disconnected);

    expect(sender.closeCode()).to.equal(1008);
    expect(await received).to.equal('failed');
  });
});

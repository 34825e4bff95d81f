import { expect } from 'chai';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';
import { exportsOf } from '../support/page-module.ts';

interface Line {
  readonly id: string;
  readonly event: string;
  readonly [detail: string]: string | number;
}

interface Code {
  logConnection(socket: QWebSocket, log: (line: Line) => void): string;
  logServer(server: QWebSocketServer, log: (line: Line) => void): void;
}

const PAGE = 'docs/how-to/logging.md';

describe(PAGE, () => {
  let code: Code;
  let server: QWebSocketServer;
  let socket: QWebSocket;
  let accepted: QWebSocket | undefined;
  let lines: Line[];

  before(async () => {
    code = await exportsOf<Code>(PAGE, 'log-connection.ts');
  });

  beforeEach(() => {
    lines = [];
    server = new QWebSocketServer('Test');
    code.logServer(server, (line) => lines.push(line));
    server.listen('127.0.0.1', 0);
    socket = new QWebSocket('http://localhost:3000');
  });

  afterEach(() => {
    socket.abort();
    accepted?.abort();
    server.close();
  });

  async function connect(requestId = ''): Promise<string> {
    const url = server.serverUrl();
    url.setPath('/feed');
    url.setQuery('token=s3cret');
    const request = new QNetworkRequest(url);
    request.setRawHeader('Cookie', 'session=s3cret');
    if (requestId !== '') request.setRawHeader('X-Request-Id', requestId);
    const connected = emitted(socket.connected);
    socket.open(request);
    await emitted(server.newConnection);
    accepted = server.nextPendingConnection()!;
    const id = code.logConnection(accepted, (line) => lines.push(line));
    await connected;
    return id;
  }

  it('tells who has come and how it ended, under one id', async () => {
    const id = await connect();
    socket.sendTextMessage('one');
    socket.sendBinaryMessage(new Uint8Array(2));
    socket.close(1000, 'Bye.');
    await emitted(accepted!.disconnected);
    const [open, end] = lines;

    expect(lines.map((line) => line.id)).to.deep.equal([id, id]);
    expect(open).to.deep.include({ event: 'open', path: '/feed', origin: 'http://localhost:3000' });
    expect(open!['peer']).to.match(/^127\.0\.0\.1:\d+$/);
    expect(end).to.deep.include({
      event: 'end',
      code: 1000,
      reason: 'Bye.',
      received: 2,
      text: '',
    });
  });

  it('tells what went wrong', async () => {
    await connect();
    socket.abort();
    await emitted(accepted!.disconnected);
    const [, error, end] = lines;

    expect(error).to.deep.include({ event: 'error', error: 1 });
    expect(error!['text']).to.match(/^The remote host closed the connection \(TCP: /);
    expect(end).to.deep.include({ event: 'end', code: 1006 });
  });

  it("takes the gateway's id where it is one", async () => {
    expect(await connect('0123456789abcdef')).to.equal('0123456789abcdef');
    socket.abort();

    expect(await connect('a b\tc')).to.match(/^[\da-f-]{36}$/);
  });

  it('has no secret in it', async () => {
    await connect();
    socket.abort();
    await emitted(accepted!.disconnected);

    expect(JSON.stringify(lines)).not.to.include('s3cret');
  });

  it('tells who was refused', async () => {
    socket = new QWebSocket('https://foreign.example');
    socket.open(server.serverUrl());
    await emitted(socket.disconnected);

    expect(lines).to.have.lengthOf(1);
    expect(lines[0]).to.deep.include({ id: 'server', event: 'refused', code: 1008 });
    expect(lines[0]!['text']).to.include('403');
  });
});

import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { restore, spy, useFakeTimers } from 'sinon';
import { afterEarlierAnswers } from '../../lib/node/earlier-answers.ts';
import { QWebSocketServer } from '../../lib/node/qwebsocketserver.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';

/** A stream as node:http leaves it while `answer` is under way. */
function streamWith(answer: EventEmitter | null): PassThrough {
  return answering(new PassThrough(), answer);
}

function answering(stream: PassThrough, answer: EventEmitter | null): PassThrough {
  return Object.assign(stream, { _httpMessage: answer });
}

describe('afterEarlierAnswers()', () => {
  afterEach(() => {
    restore();
  });

  for (const stream of [new PassThrough(), streamWith(null)]) {
    it(`goes on at once when ${'_httpMessage' in stream ? 'all is answered' : 'there were none'}`, () => {
      const go = spy();

      afterEarlierAnswers(stream, go);

      expect(go.callCount).to.equal(1);
      expect(stream.listenerCount('error')).to.equal(0);
    });
  }

  it('waits for one after the other', () => {
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    const stream = streamWith(first);
    const go = spy();
    afterEarlierAnswers(stream, go);

    answering(stream, second);
    first.emit('close');
    expect(go.callCount).to.equal(0);
    answering(stream, null);
    second.emit('close');

    expect(go.callCount).to.equal(1);
    expect(stream.listenerCount('error')).to.equal(0);
  });

  it('cuts a stream that waits for more than 10 s', () => {
    const clock = useFakeTimers();
    const stream = streamWith(new EventEmitter());
    afterEarlierAnswers(stream, spy());

    clock.tick(9999);
    expect(stream.destroyed).to.equal(false);
    clock.tick(1);

    expect(stream.destroyed).to.equal(true);
  });

  it('cuts a stream on which nothing more can be said', () => {
    const answer = new EventEmitter();
    const stream = streamWith(answer);
    const go = spy();
    afterEarlierAnswers(stream, go);

    stream.end();
    answer.emit('close');

    expect([go.callCount, stream.destroyed]).to.deep.equal([0, true]);
  });

  it('hears the error of a stream that is reset meanwhile', async () => {
    const answer = new EventEmitter();
    const stream = streamWith(answer);
    const go = spy();
    afterEarlierAnswers(stream, go);

    stream.destroy(new Error('reset'));
    await new Promise((resolve) => stream.once('close', resolve));
    answer.emit('close');

    expect(go.callCount).to.equal(0);
  });
});

describe('a server on a port of node:http', () => {
  let http: Server;
  let server: QWebSocketServer;
  let answers: ServerResponse[];
  let client: RawClient;

  beforeEach(async () => {
    answers = [];
    http = createServer((_request, response) => void answers.push(response));
    await listenOnLoopback(http);
    server = new QWebSocketServer('test');
    server.attach(http);
    client = await RawClient.connect((http.address() as AddressInfo).port);
  });

  afterEach(() => {
    client.socket.destroy();
    server.deleteLater();
    http.close();
    http.closeAllConnections();
  });

  it('answers behind what was asked for before', async () => {
    client.write(`GET /page HTTP/1.1\r\nHost: h\r\n\r\n${upgradeRequest()}`);
    await once(http, 'upgrade');
    expect(server.hasPendingConnections()).to.equal(false);

    answers[0]!.end('the page');

    expect(await client.hears(' 101 ')).to.match(/^HTTP\/1\.1 200 [^]*the pageHTTP\/1\.1 101 /);
    expect(server.hasPendingConnections()).to.equal(true);
  });

  it('leaves who waits when the server has gone', async () => {
    client.write(`GET /page HTTP/1.1\r\nHost: h\r\n\r\n${upgradeRequest()}`);
    await once(http, 'upgrade');

    server.detach();
    answers[0]!.end('the page');

    expect(await client.ended()).to.match(/the page$/);
  });
});

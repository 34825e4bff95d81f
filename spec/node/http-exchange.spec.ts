import { expect } from 'chai';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import sinon from 'sinon';
import type { HeadFailure, HttpHead } from '../../lib/codec/http-head.ts';
import { HttpExchange, type ExchangeEvents } from '../../lib/node/http-exchange.ts';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import type { SocketFailure } from '../../lib/node/socket-errors.ts';
import { ScriptedPeer, type ScriptedConnection } from '../support/scripted-peer.ts';

type Outcome =
  | { head: HttpHead; early: string }
  | { garbled: HeadFailure }
  | { broken: SocketFailure }
  | { isReusable: boolean };

/** Waits for one event after the other. */
class RecordedExchange implements ExchangeEvents {
  written = 0;
  readonly #outcomes: Outcome[] = [];
  #wake: (() => void) | undefined;

  answered(head: HttpHead, early: Buffer): void {
    this.#tell({ head, early: early.toString() });
  }

  garbled(failure: HeadFailure): void {
    this.#tell({ garbled: failure });
  }

  broken(failure: SocketFailure): void {
    this.#tell({ broken: failure });
  }

  skipped(isReusable: boolean): void {
    this.#tell({ isReusable });
  }

  bytesWritten(count: number): void {
    this.written += count;
  }

  async next(): Promise<Outcome> {
    while (this.#outcomes.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#outcomes.shift()!;
  }

  #tell(outcome: Outcome): void {
    this.#outcomes.push(outcome);
    this.#wake?.();
  }
}

describe('HttpExchange', () => {
  let peer: ScriptedPeer;
  let socket: Socket;
  let connection: ScriptedConnection;
  let events: RecordedExchange;
  let exchange: HttpExchange;

  beforeEach(async () => {
    peer = await ScriptedPeer.listen();
    socket = connect({ port: peer.port, host: '127.0.0.1', allowHalfOpen: true });
    events = new RecordedExchange();
    exchange = new HttpExchange(socket, events);
    exchange.start(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    connection = await peer.accept();
    await connection.head();
  });

  afterEach(async () => {
    socket.destroy();
    await peer.close();
  });

  it('tells the head and what came with it', async () => {
    connection.say('HTTP/1.1 200 OK\r\nA: b\r\n\r\nrest');

    expect(await events.next()).to.deep.nested.include({
      'head.startLine': 'HTTP/1.1 200 OK',
      'head.fields': ['A', 'b'],
      early: 'rest',
    });
    expect(events.written).to.equal('GET / HTTP/1.1\r\n\r\n'.length);
  });

  it('leaves the stream paused, so that nothing is lost', async () => {
    connection.say('HTTP/1.1 200 OK\r\n\r\n');
    await events.next();
    expect(socket.isPaused()).to.equal(true);
    connection.say('later');

    socket.resume();
    const [chunk] = (await once(socket, 'data')) as [Buffer];

    expect(chunk.toString()).to.equal('later');
  });

  it('waits for the end of a head that drips', async () => {
    const head = 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n';
    socket.setNoDelay();
    for (const character of head) connection.say(character);

    expect(await events.next()).to.deep.include({ early: '' });
  });

  it('waits for the answer behind interim ones (RFC 9110 §15.2)', async () => {
    connection.say('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r');
    connection.say('\nHTTP/1.1 200 OK\r\nA: b\r\n\r\nrest');

    expect(await events.next()).to.deep.nested.include({
      'head.startLine': 'HTTP/1.1 200 OK',
      'head.fields': ['A', 'b'],
      early: 'rest',
    });
  });

  it('takes 101 for an answer', async () => {
    connection.say('HTTP/1.1 101 Switching Protocols\r\n\r\nHTTP/1.1 200 OK\r\n\r\n');

    expect(await events.next()).to.have.property('early', 'HTTP/1.1 200 OK\r\n\r\n');
  });

  it('reads 16 interim answers and no more', async () => {
    connection.say('HTTP/1.1 102 Processing\r\n\r\n'.repeat(16));
    connection.say('HTTP/1.1 200 OK\r\n\r\n');
    expect(await events.next()).to.have.nested.property('head.startLine', 'HTTP/1.1 200 OK');

    const other = new HttpExchange(socket, events);
    other.start(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    connection.say('HTTP/1.1 102 Processing\r\n\r\n'.repeat(17));
    expect(await events.next()).to.have.nested.property(
      'garbled.reason',
      'There are more than 16 interim responses.',
    );
  });

  it('knows that a line begins no answer when the line ends', async () => {
    connection.say('220 mail.example ESMTP\r\n');

    expect(await events.next()).to.have.nested.property('garbled.part', 'startLine');
  });

  it('tells that the answer is none', async () => {
    connection.say('\0');

    expect(await events.next()).to.have.nested.property('garbled.failure', 'malformed');
  });

  it('does not read a head without end', async () => {
    connection.say('HTTP/1.1 200 OK\r\n' + 'A: b\r\n'.repeat(101));

    expect(await events.next()).to.have.nested.property('garbled.failure', 'tooLarge');
  });

  it('tells that the peer ended', async () => {
    connection.say('HTTP/1.1 200 OK\r\n');
    connection.end();

    expect(await events.next()).to.have.nested.property(
      'broken.error',
      SocketError.RemoteHostClosedError,
    );
  });

  it('tells nothing after it was cancelled', async () => {
    const told = sinon.spy(events, 'answered');
    exchange.cancel();
    connection.say('HTTP/1.1 200 OK\r\n\r\n');

    socket.resume();
    await once(socket, 'data');

    sinon.assert.notCalled(told);
  });

  describe('skipBody()', () => {
    const say = (head: string, body = ''): void =>
      connection.say(`HTTP/1.1 401 No\r\n${head}\r\n${body}`);

    async function skip(): Promise<Outcome> {
      await events.next();
      exchange.skipBody();
      return events.next();
    }

    it('skips what has come', async () => {
      say('Content-Length: 4\r\n', 'body');

      expect(await skip()).to.deep.equal({ isReusable: true });
    });

    it('skips nothing where there is nothing', async () => {
      say('Content-Length: 0\r\n');

      expect(await skip()).to.deep.equal({ isReusable: true });
    });

    it('waits for the rest, and lets the next exchange have the stream', async () => {
      say('Content-Length: 10\r\n', 'bo');
      await events.next();
      exchange.skipBody();
      connection.say('dy67890');
      connection.say('!');
      expect(await events.next()).to.deep.equal({ isReusable: true });

      const second = new HttpExchange(socket, events);
      second.start(Buffer.from('GET /2 HTTP/1.1\r\n\r\n'));

      expect(await connection.head()).to.deep.equal(['GET /2 HTTP/1.1']);
      connection.say('HTTP/1.1 200 OK\r\n\r\n');
      expect(await events.next()).to.have.nested.property('head.startLine', 'HTTP/1.1 200 OK');
    });

    it('skips a mebibyte', async () => {
      say('Content-Length: 1048576\r\n', 'x'.repeat(1_048_576));

      expect(await skip()).to.deep.equal({ isReusable: true });
    });

    const lost: Record<string, [head: string, body: string]> = {
      'the body is larger than a mebibyte': ['Content-Length: 1048577\r\n', ''],
      'the connection is to be closed': ['Content-Length: 0\r\nConnection: close\r\n', ''],
      'the body has no length': ['', ''],
      'the body is chunked': ['Transfer-Encoding: chunked\r\n', '0\r\n\r\n'],
      'more has come than the body': ['Content-Length: 2\r\n', 'body'],
    };
    for (const [when, [head, body]] of Object.entries(lost)) {
      it(`says that the stream cannot be used again when ${when}`, async () => {
        say(head, body);

        expect(await skip()).to.deep.equal({ isReusable: false });
        expect(socket.isPaused()).to.equal(true);
      });
    }

    it('says so when more comes than the body', async () => {
      say('Content-Length: 5\r\n', 'b');
      await events.next();
      exchange.skipBody();

      connection.say('ody and more');

      expect(await events.next()).to.deep.equal({ isReusable: false });
    });

    it('says so when the peer ends before', async () => {
      say('Content-Length: 5\r\n', 'bo');
      await events.next();
      exchange.skipBody();

      connection.end();

      expect(await events.next()).to.deep.equal({ isReusable: false });
    });
  });
});

import { expect } from 'chai';
import { once } from 'node:events';
import {
  connect,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ServerHttp2Stream,
} from 'node:http2';
import { Http2Error } from '../../lib/node/http2-error.ts';
import { Http2Exchange, headersIn } from '../../lib/node/http2-exchange.ts';
import { Http2Peer } from '../support/http2-peer.ts';
import { until } from '../support/until.ts';

describe('Http2Exchange', () => {
  let peer: Http2Peer;
  let session: ClientHttp2Session;
  let told: unknown[][];
  let stream: ClientHttp2Stream;
  let exchange: Http2Exchange;
  let asked: ServerHttp2Stream;

  beforeEach(async () => {
    peer = await Http2Peer.listenInTheClear();
    session = connect(`http://127.0.0.1:${peer.port}`);
    session.on('error', () => {});
    told = [];
    stream = session.request({ ':path': '/' }, { endStream: false });
    exchange = new Http2Exchange(stream, {
      answered: (head, status) => told.push(['answered', head, status]),
      http1Wanted: () => told.push(['http1Wanted']),
      unanswered: (error, isUnseen) => told.push(['unanswered', error?.code, isUnseen]),
    });
    asked = (await peer.next()).stream;
  });

  afterEach(() => {
    session.destroy();
    peer.close();
  });

  /** What is told first. */
  async function first(): Promise<unknown[]> {
    await until(() => told.length > 0);
    return told[0]!;
  }

  it('tells of the answer as of one of HTTP/1.1', async () => {
    asked.respond({ ':status': 404, a: 'b', date: 'c' });

    expect(await first()).to.deep.equal([
      'answered',
      { startLine: 'HTTP/2.0 404 Not Found', fields: ['a', 'b', 'date', 'c'] },
      404,
    ]);
  });

  it('tells that the server wants HTTP/1.1', async () => {
    asked.close(Http2Error.Http11Required);

    expect(await first()).to.deep.equal(['http1Wanted']);
  });

  it('tells of a stream that fails without an answer', async () => {
    asked.close(Http2Error.EnhanceYourCalm);

    expect(await first()).to.deep.equal(['unanswered', 'ERR_HTTP2_STREAM_ERROR', false]);
  });

  it('tells of one that the server has not looked at', async () => {
    asked.close(Http2Error.RefusedStream);

    expect(await first()).to.deep.equal(['unanswered', 'ERR_HTTP2_STREAM_ERROR', true]);
  });

  it('tells of a stream that ends in order, without an answer', async () => {
    asked.close(Http2Error.NoError);
    stream.end();

    expect(await first()).to.deep.equal(['unanswered', undefined, false]);
  });

  it('tells nothing more of a stream that was left, which lives on', async () => {
    expect(exchange.leave()).to.equal(stream);

    asked.respond({ ':status': 200 });
    await once(stream, 'response');

    expect(told).to.deep.equal([]);
    expect(stream.destroyed).to.equal(false);
  });

  it('takes the request back when it is cancelled, and tells nothing more', async () => {
    const closed = new Promise((resolve) => asked.on('close', resolve));

    exchange.cancel();

    await closed;
    expect(asked.rstCode).to.equal(Http2Error.Cancel);
    expect(told).to.deep.equal([]);
  });
});

describe('headersIn()', () => {
  it('leaves out what begins with a colon, whatever values do', () => {
    expect(headersIn([':status', '200', 'a', ':b', ':c', 'd'])).to.deep.equal(['a', ':b']);
  });
});

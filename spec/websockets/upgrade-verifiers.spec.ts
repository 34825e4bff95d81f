import { expect } from 'chai';
import { spy, type SinonSpy } from 'sinon';
import { QObject } from '../../lib/core/qobject.ts';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import {
  describeRequest,
  Method,
  QHttpServerRequest,
  rememberRequest,
} from '../../lib/websockets/qhttpserverrequest.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { UpgradeData } from '../../lib/websockets/upgrade-data.ts';
import type { UpgradeOutcome } from '../../lib/websockets/upgrade-inquiry.ts';
import { UpgradeVerifiers } from '../../lib/websockets/upgrade-verifiers.ts';
import { until } from '../support/until.ts';

const { accept, deny, passToNext } = QHttpServerWebSocketUpgradeResponse;

/** A request from nobody in particular. */
function anyRequest(): QHttpServerRequest {
  return describeRequest({
    method: Method.Connect,
    written: {
      url: new QUrl('wss://h.example/a?b=c'),
      headers: QHttpHeaders.fromListOfPairs([
        ['A', '1'],
        ['a', '2'],
      ]),
      subprotocols: ['x'],
    },
    peer: { address: '', port: 0 },
    local: { address: '::1', port: 443 },
    sslConfiguration: undefined,
    parameters: new Map([['room', 'r']]),
  });
}

describe('UpgradeVerifiers', () => {
  const request = anyRequest();
  let verifiers: UpgradeVerifiers;
  let context: QObject;
  let decided: SinonSpy<[outcome: UpgradeOutcome], void>;

  beforeEach(() => {
    verifiers = new UpgradeVerifiers();
    context = new QObject();
    decided = spy((_outcome: UpgradeOutcome): void => {});
  });

  it('say at once that all have passed when there are none', () => {
    expect(verifiers.ask(request, decided)).to.equal(undefined);

    expect(decided.args).to.deep.equal([['passed']]);
  });

  it('say at once what is said at once', () => {
    const answer = deny();
    verifiers.add(context, () => passToNext());
    verifiers.add(context, () => answer);

    expect(verifiers.ask(request, decided)).to.equal(undefined);

    expect(decided.args).to.deep.equal([[answer]]);
  });

  it('say later what is said behind a promise', async () => {
    const answer = accept();
    verifiers.add(context, async () => passToNext());
    verifiers.add(context, () => answer);

    const inquiry = verifiers.ask(request, decided);

    expect(inquiry?.isOver).to.equal(false);
    await until(() => inquiry?.isOver === true);
    expect(decided.args).to.deep.equal([[answer]]);
  });

  it('show all of them the same request', () => {
    const seen: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      verifiers.add(context, (shown) => {
        seen.push(shown);
        return passToNext();
      });
    }

    verifiers.ask(request, decided);

    expect(seen).to.deep.equal([request, request]);
  });

  it('leave out one whose context is destroyed while another takes its time', async () => {
    let go = (): void => {};
    const other = new QObject();
    verifiers.add(other, async () => {
      await new Promise<void>((resolve) => (go = resolve));
      return passToNext();
    });
    verifiers.add(context, () => deny());
    const inquiry = verifiers.ask(request, decided);

    context[Symbol.dispose]();
    go();

    await until(() => inquiry?.isOver === true);
    expect(decided.args).to.deep.equal([['passed']]);
  });
});

describe('QHttpServerRequest', () => {
  it('tells what it was made of', () => {
    const request = anyRequest();

    expect(request.method()).to.equal(QHttpServerRequest.Method.Connect);
    expect(request.url().toString()).to.equal('wss://h.example/a?b=c');
    expect(request.query().get('b')).to.equal('c');
    expect(request.value('A')).to.equal('1, 2');
    expect(request.subprotocols()).to.deep.equal(['x']);
    expect(request.parameter('room')).to.equal('r');
    expect(request.parameter('constructor')).to.equal('');
    expect(request.remoteAddress().isNull()).to.equal(true);
    expect(request.remotePort()).to.equal(0);
    expect(request.localAddress().equals(QHostAddress.LocalHostIPv6)).to.equal(true);
    expect(request.localPort()).to.equal(443);
    expect(request.sslConfiguration()).to.equal(null);
  });

  it('has the methods of Qt 6.8', () => {
    const { Unknown, AnyKnown, ...known } = QHttpServerRequest.Method;
    const sum = Object.values(known).reduce<number>((all, one) => all | one, Unknown);

    expect(Object.keys(known).join(' ')).to.equal(
      'Get Put Delete Post Head Options Patch Connect Trace',
    );
    expect([sum, AnyKnown]).to.deep.equal([0x1ff, 0x1ff]);
  });

  it('is found by the socket that has come of it, and no other', () => {
    const request = anyRequest();
    const socket = new QWebSocket();

    rememberRequest(socket, request);

    expect(QHttpServerRequest.of(socket)).to.equal(request);
    expect(QHttpServerRequest.of(new QWebSocket())).to.equal(null);
  });
});

describe('UpgradeData', () => {
  it('has what was set last, for each request', () => {
    const [request, socket] = [anyRequest(), new QWebSocket()];
    const names = new UpgradeData<string>();
    const ages = new UpgradeData<number>();
    rememberRequest(socket, request);

    names.set(request, 'ann');
    names.set(request, 'bob');
    ages.set(request, 0);

    expect([names.of(socket), ages.of(socket)]).to.deep.equal(['bob', 0]);
    expect(names.of(new QWebSocket())).to.equal(undefined);
  });
});

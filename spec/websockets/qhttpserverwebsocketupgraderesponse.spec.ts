import { expect } from 'chai';
import { QHttpHeaders } from '../../lib/network/qhttpheaders.ts';
import { QHttpServerWebSocketUpgradeResponse } from '../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';

const { accept, deny, passToNext, ResponseType } = QHttpServerWebSocketUpgradeResponse;

describe('QHttpServerWebSocketUpgradeResponse', () => {
  const made = { accept, deny, passToNext };
  const types = {
    accept: ResponseType.Accept,
    deny: ResponseType.Deny,
    passToNext: ResponseType.PassToNext,
  };
  for (const [name, type] of Object.entries(types)) {
    it(`says what ${name}() is, with 403 and "Forbidden" as in Qt`, () => {
      const response = made[name as keyof typeof made]();

      expect(response).to.be.instanceOf(QHttpServerWebSocketUpgradeResponse);
      expect(response.type()).to.equal(type);
      expect([response.denyStatus(), response.denyMessage()]).to.deep.equal([403, 'Forbidden']);
      expect([response.subprotocol(), response.headers(), response.body()]).to.deep.equal([
        undefined,
        [],
        undefined,
      ]);
    });
  }

  it('denies with what it is given', () => {
    const body = Uint8Array.of(1, 2);

    const response = deny(429, 'Slowly', { headers: { 'Retry-After': '5' }, body });

    expect([response.denyStatus(), response.denyMessage()]).to.deep.equal([429, 'Slowly']);
    expect(response.headers()).to.deep.equal([['Retry-After', '5']]);
    expect(response.body()).to.equal(body);
  });

  it('has no message for another status by itself', () => {
    expect(deny(401).denyMessage()).to.equal('');
  });

  for (const status of [300, 308, 400, 426, 599]) {
    it(`can deny with ${status}`, () => {
      expect(deny(status).denyStatus()).to.equal(status);
    });
  }

  for (const status of [0, 101, 200, 204, 299, 304, 600, -403, 403.5, NaN, Infinity]) {
    it(`cannot deny with ${status}`, () => {
      expect(() => deny(status)).to.throw(RangeError, `with status ${status}.`);
    });
  }

  it('takes headers in every form that lists them, repetitions included', () => {
    const pairs: [string, string][] = [
      ['set-cookie', 'a=b'],
      ['set-cookie', 'c=d'],
    ];
    for (const headers of [pairs, QHttpHeaders.fromListOfPairs(pairs)]) {
      expect(accept({ headers }).headers()).to.deep.equal(pairs);
    }
    expect(accept({ headers: new Map(pairs) }).headers()).to.deep.equal([pairs[1]]);
  });

  it('keeps its headers, whatever becomes of what it was given and what it gives', () => {
    const headers = { a: 'b' };
    const response = accept({ headers });

    headers.a = 'c';
    response.headers().pop();

    expect(response.headers()).to.deep.equal([['a', 'b']]);
  });

  const mistakes: Record<string, () => unknown> = {
    'a header of a number': () => deny(429, '', { headers: { 'Retry-After': 5 as never } }),
    'a list of no pairs': () => accept({ headers: [['a']] as never }),
    'a body of a number': () => deny(403, '', { body: 5 as never }),
  };
  for (const [what, make] of Object.entries(mistakes)) {
    it(`throws for ${what}`, () => {
      expect(make).to.throw(TypeError);
    });
  }
});

import { expect } from 'chai';
import type { HttpHead } from '../../../lib/codec/http-head.ts';
import { QHttpHeaders } from '../../../lib/network/qhttpheaders.ts';
import {
  answerCause,
  garbledCause,
  secretsOf,
  wordsAbout,
  type SecretParts,
} from '../../../lib/node/openers/handshake-failure.ts';

describe('answerCause()', () => {
  it('names the status, and whose it is', () => {
    const cause = answerCause('a.example:81', { startLine: 'HTTP/1.1 404 No', fields: [] }, []);
    expect(cause).to.deep.include({ layer: 'HTTP', detail: 'status 404 of a.example:81' });
  });

  it('says where a redirect leads, without what is nobody else’s business', () => {
    const fields = ['Location', 'https://joe:s3cret@b.example/login?next=s3cret'];
    const { detail, advice } = answerCause('a', { startLine: 'HTTP/1.1 302 Found', fields }, []);

    expect(detail).to.equal('status 302 of a, redirects to https://b.example/login');
    expect(advice).to.match(/^Redirects are not followed/);
  });

  for (const path of ['/reset/t0ken', '/reset/t0%6ben', `/${'x'.repeat(100)}/t0ken`]) {
    it(`keeps t0ken out of a redirect to ${path}`, () => {
      const head = { startLine: 'HTTP/1.1 302 Found', fields: ['Location', path] };
      expect(answerCause('a', head, ['t0ken']).detail).to.match(/\/\*\*\*$/);
    });
  }

  it('keeps a secret out of a time that is none', () => {
    const head = { startLine: 'HTTP/1.1 503 Busy', fields: ['Retry-After', 't0ken'] };
    expect(answerCause('a', head, ['t0ken']).detail).to.equal('status 503 of a, retry after ***');
  });

  it('says when to come again', () => {
    const fields = ['Retry-After', '120'];
    const { detail } = answerCause('a', { startLine: 'HTTP/1.1 503 Busy', fields }, []);
    expect(detail).to.equal('status 503 of a, retry after 120');
  });

  it('leaves out a time that is none', () => {
    const fields = ['Retry-After', '<script>'];
    const { detail } = answerCause('a', { startLine: 'HTTP/1.1 503 Busy', fields }, []);
    expect(detail).to.equal('status 503 of a');
  });

  for (const [challenge, advice] of [
    ['Basic realm="a"', /^Answer authenticationRequired/],
    ['Digest realm="a", nonce="b", qop="auth"', /^Answer authenticationRequired/],
    ['Bearer', /header Authorization/],
    ['Digest realm="a", nonce="b", algorithm="none"', /header Authorization/],
  ] as const) {
    it(`says what to do about a 401 with ${challenge}`, () => {
      const fields = ['WWW-Authenticate', challenge];
      const cause = answerCause('a', { startLine: 'HTTP/1.1 401 No', fields }, []);
      expect(cause.advice).to.match(advice);
    });
  }

  it('says what to do about a 401 that does not say what it wants', () => {
    const { advice } = answerCause('a', { startLine: 'HTTP/1.1 401 No', fields: [] }, []);
    expect(advice).to.match(/header Authorization/);
  });

  it('knows answers without a status', () => {
    expect(answerCause('a', { startLine: 'SSH-2.0', fields: [] }, []).detail).to.equal(
      'a sent no status',
    );
  });
});

describe('garbledCause()', () => {
  const failure = {
    failure: 'malformed',
    part: 'startLine',
    reason: 'The start line is empty.',
  } as const;

  it('says what was found', () => {
    expect(garbledCause('a', failure, Buffer.from('\r\n'))).to.deep.equal({
      layer: 'HTTP',
      detail: 'the answer of a: The start line is empty',
    });
  });

  it('knows TLS by its alert', () => {
    const { detail, advice } = garbledCause('a', failure, Buffer.of(0x15, 3, 3, 0, 2, 2, 70));
    expect([detail, advice]).to.deep.equal(['a speaks TLS', 'Open it with wss:.']);
  });
});

describe('wordsAbout()', () => {
  const headers = new QHttpHeaders();
  headers.append('Authorization', 'Bearer t0ken.t0ken');
  headers.append('Cookie', 'theme=dark; session=c00kie');
  headers.append('X-Api-Key', 'k3y-k3y');
  const request: SecretParts = {
    resourceName: '/chat?room=1&token=qu3ry',
    headers,
    user: 'joe@home',
    password: 'p4ss',
  };
  const nobody = { user: '', password: '' };
  const words = (said: string): [words: string, head: HttpHead] => [
    `Unhandled http status code: 403 (${said}).`,
    { startLine: `HTTP/1.1 403 ${said}`, fields: [] },
  ];
  const HIDDEN = 'Unhandled http status code: 403 (***).';

  const echoed = ['qu3ry', 'room=1&token=qu3ry', 't0ken.t0ken', 'Bearer t0ken.t0ken', 'c00kie'];
  for (const secret of [...echoed, 'k3y-k3y', 'joe@home', 'p4ss']) {
    it(`keeps ${secret} out when a peer says it back`, () => {
      expect(wordsAbout(...words(secret), secretsOf(request, nobody))).to.equal(HIDDEN);
    });
  }

  const login = (text: string): string => Buffer.from(text).toString('base64');

  it('keeps the login of the URL out when a peer says it back', () => {
    expect(wordsAbout(...words(login('joe@home:p4ss')), secretsOf(request, nobody))).to.equal(
      HIDDEN,
    );
  });

  // What is sent is composed: RFC 7617 asks for NFC.
  for (const secret of ['ann@work', 'wa\u0308rd', login('ann@work:w\u00e4rd')]) {
    it(`keeps ${secret} out, which a slot has given`, () => {
      const given = { user: 'ann@work', password: 'wa\u0308rd' };
      expect(wordsAbout(...words(secret), secretsOf(request, given))).to.equal(HIDDEN);
    });
  }

  it('keeps it out of what is quoted of a field', () => {
    const head = { startLine: 'HTTP/1.1 101 x', fields: ['Upgrade', 'p4ss, h2c'] };
    expect(wordsAbout('upgrade: p4ss, h2c, x', head, secretsOf(request, nobody))).to.equal(
      'upgrade: ***, h2c, x',
    );
  });

  it('keeps it out of a field that has another one within', () => {
    const fields = ['X', 'p4ss', 'X', 'p4ss c00kie'];
    const head = { startLine: 'HTTP/1.1 101 x', fields };
    const shown = wordsAbout('chosen p4ss, p4ss c00kie', head, secretsOf(request, nobody));

    expect(shown).to.equal('chosen ***, *** ***');
  });

  it('takes a quote for text, whatever is in it', () => {
    const shown = wordsAbout(...words('p4ss $&'), secretsOf(request, nobody));
    expect(shown).to.equal('Unhandled http status code: 403 (*** $&).');
  });

  it('leaves Qt’s words, also when they are somebody’s password', () => {
    const own = { ...request, password: 'http' };
    expect(wordsAbout(...words('Sorry'), secretsOf(own, nobody))).to.equal(words('Sorry')[0]);
  });

  it('is of bounded length, in one line', () => {
    const [text, head] = words(`a\u0085b${'x'.repeat(100_000)}`);
    const shown = wordsAbout(text, head, secretsOf(request, nobody));

    expect(shown).to.have.lengthOf(401);
    expect(shown).to.include('(a?bx');
  });
});

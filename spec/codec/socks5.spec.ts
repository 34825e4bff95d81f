import { expect } from 'chai';
import { Socks5Handshake, type Socks5Target } from '../../lib/codec/socks5.ts';
import type { Credentials } from '../../lib/codec/credentials.ts';
import { hex } from '../support/hex.ts';
import { RecordingSocks5Sink } from '../support/recording-socks5-sink.ts';

const nobody = { user: '', password: '' };
const joe = { user: 'joe', password: 'pw' };
const target = { host: 'target.example', port: 8080 };

const NAME_REQUEST = '050100030e7461726765742e6578616d706c651f90';
const GRANTED = '05000001000000000000';

/** What happens when the proxy says `replies`. */
function play(
  replies: string[],
  credentials: Credentials = nobody,
  to: Socks5Target = target,
): RecordingSocks5Sink {
  const sink = new RecordingSocks5Sink();
  const handshake = new Socks5Handshake(to, credentials, sink);
  handshake.start();
  for (const reply of replies) handshake.push(hex(reply));
  return sink;
}

describe('Socks5Handshake', () => {
  it('connects without a login', () => {
    const { sent, outcome } = play(['0500', GRANTED]);

    expect(sent).to.deep.equal(['050100', NAME_REQUEST]);
    expect(outcome).to.deep.equal(['connected', '']);
  });

  it('logs in when it can (RFC 1929)', () => {
    const { sent, outcome } = play(['0502', '0100', GRANTED], joe);

    expect(sent).to.deep.equal(['050102', '01036a6f65027077', NAME_REQUEST]);
    expect(outcome).to.deep.equal(['connected', '']);
  });

  it('does not log in where it need not', () => {
    const { sent, outcome } = play(['0500', GRANTED], joe);

    expect(sent).to.deep.equal(['050102', NAME_REQUEST]);
    expect(outcome).to.deep.equal(['connected', '']);
  });

  it('hands over what follows the reply', () => {
    expect(play(['0500', `${GRANTED} 48656c6c6f`]).outcome).to.deep.equal([
      'connected',
      '48656c6c6f',
    ]);
  });

  it('takes nothing after the end', () => {
    expect(play(['0500', GRANTED, '00']).calls).to.equal(1);
  });

  const targets: Record<string, [host: string, address: string]> = {
    'a name': ['a.b', '0303612e62'],
    'an IPv4 address': ['10.0.0.1', '010a000001'],
    'an IPv6 address': ['2001:db8::1', '0420010db8000000000000000000000001'],
    'an address that is none': ['256.0.0.1', '03093235362e302e302e31'],
  };
  for (const [what, [host, address]] of Object.entries(targets)) {
    it(`asks for ${what}`, () => {
      const { sent } = play(['0500'], nobody, { host, port: 443 });

      expect(sent.at(-1)).to.equal(`050100${address}01bb`);
    });
  }

  const bound: Record<string, string> = {
    'an IPv4 address': '05000001 7f000001 1234',
    'an IPv6 address': '05000004 00000000000000000000000000000001 1234',
    'a name': '05000003 03 612e62 1234',
    'no name': '05000003 00 1234',
    'a long name': `05000003 ff ${'61'.repeat(255)} 1234`,
  };
  for (const [what, reply] of Object.entries(bound)) {
    it(`skips ${what} that the proxy is bound to`, () => {
      expect(play(['0500', `${reply} 00`]).outcome).to.deep.equal(['connected', '00']);
    });
  }

  describe('fails with the error and the text of Qt', () => {
    const replies: Record<string, [status: string, error: number, text: string]> = {
      'a failure': ['01', 2, 'Host not found'],
      'a ban': ['02', 2, 'Host not found'],
      'no network': ['03', 7, 'Network unreachable'],
      'no host': ['04', 2, 'Host not found'],
      'a refusal': ['05', 0, 'Connection refused'],
      'too many hops': ['06', 7, 'TTL expired'],
      'an unknown command': ['07', 10, 'SOCKSv5 command not supported'],
      'an unknown address': ['08', 10, 'Address type not supported'],
      'an unknown status': ['fe', -1, 'Unknown SOCKSv5 proxy error code 0xfe'],
    };
    for (const [what, [status, error, text]] of Object.entries(replies)) {
      it(`for ${what}, known from its first two bytes`, () => {
        expect(play(['0500', `05${status}`]).outcome).to.deep.equal(['failed', error, text]);
      });
    }

    it('for a failure and a ban that are not about a name', () => {
      const address = { host: '10.0.0.1', port: 1 };

      expect(play(['0500', '0501'], nobody, address).outcome).to.deep.equal([
        'failed',
        7,
        'General SOCKSv5 server failure',
      ]);
      expect(play(['0500', '0502'], nobody, address).outcome).to.deep.equal([
        'failed',
        3,
        'Connection not allowed by SOCKSv5 server',
      ]);
    });

    const broken: Record<string, string[]> = {
      'SOCKS 4': ['0400'],
      HTTP: [Buffer.from('HTTP/1.1 400 Bad Request').toString('hex')],
      'another version in the reply': ['0500', '0400'],
      'a reserved byte that is not 0': ['0500', '05000101000000000000'],
      'an unknown type of address': ['0500', '0500000200'],
    };
    for (const [what, said] of Object.entries(broken)) {
      it(`for ${what}`, () => {
        expect(play(said).outcome).to.deep.equal(['failed', 18, 'SOCKS version 5 protocol error']);
      });
    }

    for (const [what, credentials, method] of [
      ['a login that was not offered', nobody, '02'],
      ['GSSAPI', nobody, '01'],
      ['a method that nobody knows', joe, '80'],
    ] as const) {
      it(`for ${what}`, () => {
        expect(play([`05${method}`], credentials).outcome).to.deep.equal([
          'failed',
          3,
          'Proxy authentication failed: Socks5 host did not support authentication method.',
        ]);
      });
    }
  });

  describe('is refused', () => {
    const cases: Record<string, [replies: string[], credentials: Credentials]> = {
      'when the proxy wants a login': [['05ff'], nobody],
      'when the proxy wants another login': [['05ff'], joe],
      'when the login is wrong': [['0502', '0101'], joe],
      'when the answer to the login has another version': [['0502', '0500'], joe],
    };
    for (const [when, [replies, credentials]] of Object.entries(cases)) {
      it(when, () => {
        expect(play(replies, credentials).outcome).to.deep.equal(['refused']);
      });
    }
  });

  describe('does not send what does not fit', () => {
    it('in the host', () => {
      const { sent, outcome } = play([], nobody, { host: 'a'.repeat(256), port: 1 });

      expect(sent).to.deep.equal([]);
      expect(outcome).to.deep.equal(['failed', 2, 'Host not found']);
    });

    for (const credentials of [
      { user: '\u00e4'.repeat(128), password: '' },
      { user: 'joe', password: 'x'.repeat(256) },
    ]) {
      it(`in ${credentials.password === '' ? 'the user' : 'the password'}`, () => {
        const { sent, outcome } = play([], credentials);

        expect(sent).to.deep.equal([]);
        expect(outcome?.slice(0, 2)).to.deep.equal(['failed', 12]);
      });
    }

    it('but what just does', () => {
      const long = 'x'.repeat(255);
      const { sent } = play(['0502'], { user: long, password: long });

      expect(sent[1]).to.equal(`01ff${'78'.repeat(255)}ff${'78'.repeat(255)}`);
    });
  });
});

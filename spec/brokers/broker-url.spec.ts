import { expect } from 'chai';
import { parseBrokerUrl, secretsOf, type BrokerUrl } from '../../lib/brokers/broker-url.ts';

const plain: BrokerUrl = {
  kind: 'nats',
  isSecure: false,
  hosts: [{ name: 'a', port: 4222 }],
  user: '',
  password: '',
  database: 0,
  shown: 'nats://a',
};

describe('parseBrokerUrl()', () => {
  const taken: [url: string, said: Partial<BrokerUrl>][] = [
    ['nats://a', {}],
    ['nats://a/', {}],
    ['NATS://a', {}],
    ['tls://a', { isSecure: true, shown: 'tls://a' }],
    ['nats://a:1', { hosts: [{ name: 'a', port: 1 }], shown: 'nats://a:1' }],
    ['nats://[::1]', { hosts: [{ name: '::1', port: 4222 }], shown: 'nats://[::1]' }],
    ['nats://t%40k@a', { user: 't@k' }],
    ['nats://alice:se%2Fcr%2Cet@a', { user: 'alice', password: 'se/cr,et' }],
    ['nats://alice:se,c@ret@a', { user: 'alice', password: 'se,c@ret' }],
    ['redis://a', { kind: 'redis', hosts: [{ name: 'a', port: 6379 }], shown: 'redis://a' }],
    [
      'rediss://:secret@a:1/15',
      {
        kind: 'redis',
        isSecure: true,
        hosts: [{ name: 'a', port: 1 }],
        password: 'secret',
        database: 15,
        shown: 'rediss://a:1',
      },
    ],
  ];
  for (const [url, said] of taken) {
    it(`reads ${url}`, () => {
      expect(parseBrokerUrl(url)).to.deep.equal({ ...plain, ...said });
    });
  }

  for (const url of [
    'nats://alice:secret@a:1,b,[::1]:2',
    'nats://alice:secret@a:1,nats://b,nats://[::1]:2',
    'nats://alice:secret@a:1,nats://alice:secret@b,nats://alice:secret@[::1]:2',
    'nats://alice:secret@a:1,alice:secret@b,alice:secret@[::1]:2',
  ]) {
    it(`reads the servers of ${url}`, () => {
      expect(parseBrokerUrl(url)).to.deep.equal({
        ...plain,
        user: 'alice',
        password: 'secret',
        hosts: [
          { name: 'a', port: 1 },
          { name: 'b', port: 4222 },
          { name: '::1', port: 2 },
        ],
        shown: 'nats://a:1,b,[::1]:2',
      });
    });
  }

  const refused: [url: string, why: RegExp][] = [
    ['', /^The URL of a broker begins with nats:\/\/, tls:\/\/, redis:\/\/ or rediss:\/\/\.$/],
    ['localhost:4222', /^The URL of a broker begins with/],
    ['nats:a', /^The URL of a broker begins with/],
    ['http://a/', /^The URL of a broker begins with/],
    ['toString://a/', /^The URL of a broker begins with/],
    ['redis+sentinel://a,b/mymaster', /^Redis Sentinel and Redis Cluster are not supported/],
    ['rediss-cluster://a', /^Redis Sentinel and Redis Cluster are not supported/],
    ['wss://a', /^WebSockets to NATS are not supported/],
    ['unix:///run/redis.sock', /^Redis at a Unix-domain socket is not supported/],
    ['redis:///0', /names no host/],
    ['nats://a,,b', /names no host|cannot be read/],
    ['nats://a b', /cannot be read.* encodeURIComponent\(\)/],
    ['redis://a,b', /^Redis has one host here: give the URL of the primary\.$/],
    ['redis://a:1,b:1', /^Redis has one host here/],
    ['nats://a,tls://b', /have the same scheme/],
    ['nats://alice:secret@a,bob:secret@b', /take the same user and password/],
    ['nats://alice:se@cr,et@a', /take the same user and password\. .* encodeURIComponent\(\)/],
    [
      'nats://:secret@a',
      /^NATS takes a user and a password, or a token in the place of the user\.$/,
    ],
    ['nats://a/path', /^The URL of NATS ends behind its hosts/],
    ['redis://a/path', /comes the number of a database/],
    ['redis://a?db=1', /ends behind its host\. .* encodeURIComponent\(\)/],
  ];
  for (const [url, why] of refused) {
    it(`refuses "${url}"`, () => {
      expect(() => parseBrokerUrl(url)).to.throw(TypeError, why);
    });
  }

  for (const url of [
    'redis://alice:12/34@a',
    'nats://alice:12/34@a',
    'nats://alice:12?34@a',
    'redis://alice:12#34@a',
    'redis://:1234%@a',
    'nats://alice:1234%@a',
    'nats://alice:1234,5@a,b',
    'redis://alice:12,34@a:1,b:2',
    'mqtt://alice:1234@a',
    'redis-sentinel://alice:1234@a',
  ]) {
    it(`tells nothing of the password in ${url}`, () => {
      expect(() => parseBrokerUrl(url))
        .to.throw(TypeError)
        .with.property('message')
        .that.does.not.match(/12|34|alice/);
    });
  }
});

describe('secretsOf()', () => {
  it('knows the password, as it is written and as it is sent', () => {
    const url = parseBrokerUrl('redis://alice:s%20cret@localhost');

    expect(secretsOf(url)).to.deep.equal(['s cret', 's%20cret']);
  });

  it('takes a user without a password for a token', () => {
    expect(secretsOf(parseBrokerUrl('nats://t0ken@localhost'))).to.include('t0ken');
  });

  it('does without either', () => {
    expect(secretsOf(parseBrokerUrl('redis://localhost')).join('')).to.equal('');
  });
});

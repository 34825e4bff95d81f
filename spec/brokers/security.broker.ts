import { expect } from 'chai';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { connectTopicBroker, type TopicBroker } from '../../lib/brokers.ts';
import type { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { QSslSocket } from '../../lib/ssl/qsslsocket.ts';
import { describeWith } from '../support/describe-with.ts';
import { emitted } from '../support/emitted.ts';
import { rejectionOf } from '../support/rejection-of.ts';
import { identified } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';
import {
  BrokerServer,
  NATS,
  REDIS,
  secureNats,
  secureRedis,
  type BrokerKind,
} from './support/broker-server.ts';
import { Passage } from './support/passage.ts';

/** Where the client of Redis tells what it does. */
const CLIENT_CHANNELS = [
  ...['command', 'batch', 'connect'].flatMap((what) =>
    ['start', 'asyncEnd', 'error'].map((when) => `tracing:node-redis:${what}:${when}`),
  ),
  ...['connection:ready', 'connection:closed', 'error', 'pubsub', 'command:reply'].map(
    (what) => `node-redis:${what}`,
  ),
];

const LOGIN = 'alice:se%2Fcret';

for (const [kind, secured] of [
  [NATS, secureNats],
  [REDIS, secureRedis],
] as const) {
  describeWith(kind.program, `apt-get install ${kind.program}`, () => itIsSecure(kind, secured));
}

function itIsSecure(kind: BrokerKind, secured: (certificate?: string) => BrokerKind): void {
  const isNats = kind.program === NATS.program;
  let brokers: TopicBroker[];
  let passage: Passage | undefined;

  beforeEach(() => {
    brokers = [];
  });

  afterEach(async () => {
    for (const broker of brokers) await broker.close();
    passage?.end();
    await BrokerServer.killAll();
  });

  async function connect(
    url: string,
    sslConfiguration?: QSslConfiguration,
    timeout = 20_000,
  ): Promise<TopicBroker> {
    const options = { timeout, ...(sslConfiguration && { sslConfiguration }) };
    const broker = await connectTopicBroker(url, options);
    brokers.push(broker);
    return broker;
  }

  /** What is said when it fails; everything that hangs on the error has to keep the secret as well. */
  async function failure(...of: Parameters<typeof connect>): Promise<string> {
    const error = (await rejectionOf(connect(...of))) as Error;
    expect(inspect(error, { depth: Infinity })).not.to.match(/se[/]cret|se%2Fcret|wrong/);
    return error.message;
  }

  /** Whether it carries a value there and back. */
  async function itWorks(broker: TopicBroker): Promise<void> {
    broker.subscribe('AAPL');
    await broker.latest('AAPL');
    const came = emitted(broker.messageReceived);
    const version = await broker.retain('AAPL', '1');
    await came;
    expect(await broker.latest('AAPL')).to.deep.equal({ content: '1', version });
  }

  function withLogin(server: BrokerServer, login: string): string {
    return server.url.replace('//', `//${login}@`);
  }

  describe('over TLS', () => {
    for (const host of ['127.0.0.1', 'localhost']) {
      it(`carries values to ${host}`, async () => {
        const server = await BrokerServer.start(secured());

        await itWorks(await connect(server.url.replace('127.0.0.1', host), trusting()));
      });
    }

    it('comes back after a loss', async () => {
      const server = await BrokerServer.start(secured());
      const broker = await connect(server.url, trusting());

      const gone = emitted(broker.disconnected);
      await server.kill();
      await gone;
      const back = emitted(broker.connected);
      await server.start();
      await back;

      await itWorks(broker);
    });

    it('tells how to trust an authority that is not known', async () => {
      const server = await BrokerServer.start(secured());

      expect(await failure(server.url)).to.match(
        /certificate.*\. If you know it, trust it or its authority: QSslConfiguration\.addCaCertificate\(\)\.$/,
      );
    });

    it('refuses the certificate of another host, called by its name or address', async () => {
      const server = await BrokerServer.start(secured('other-host'));

      for (const host of ['127.0.0.1', 'localhost']) {
        expect(await failure(server.url.replace('127.0.0.1', host), trusting())).to.include(
          `does not match certificate's altnames`,
        );
      }
    });

    it('refuses an expired certificate', async () => {
      const server = await BrokerServer.start(secured('expired'));

      expect(await failure(server.url, trusting())).to.match(/expired/);
    });

    it('takes any certificate when it is not to be verified', async () => {
      const server = await BrokerServer.start(secured('other-host'));
      const careless = trusting('client');
      careless.setPeerVerifyMode(QSslSocket.VerifyNone);

      await itWorks(await connect(server.url, careless));
    });

    it('shows a certificate of its own', async () => {
      const options = isNats
        ? ['--tlsverify', '--tlscacert', 'spec/oracle/certs/ca.crt']
        : ['--tls-auth-clients', 'yes'];
      const server = await BrokerServer.start(secured(), options);

      expect(await failure(server.url, trusting(), 1000)).to.match(
        isNats ? /timeout\. .* does it want a certificate\?$/ : /certificate required\.$/,
      );
      await itWorks(await connect(server.url, identified('client')));
    });

    it('has user and password as well', async () => {
      const server = await BrokerServer.start(secured(), loginOptions(kind));

      await itWorks(await connect(withLogin(server, LOGIN), trusting()));
    });

    it('says so when it is spoken where there is none', async () => {
      const server = await BrokerServer.start(kind);
      const url = server.url.replace(/^\w+/, secured().scheme);

      expect(await failure(url, trusting(), 1000)).to.match(
        isNats ? /does not support 'tls'/ : /timeout.*\. Is that a port of Redis with TLS, .*\?$/,
      );
    });

    it('says so when it is not spoken where it is wanted', async () => {
      const server = await BrokerServer.start(secured());

      expect(await failure(server.url.replace(/^\w+/, kind.scheme))).to.match(
        isNats ? /use tls:\/\/, with an sslConfiguration/ : /without TLS\? rediss:\/\/ is for/,
      );
    });
  });

  it('is not given an sslConfiguration for nothing', async () => {
    const url = `${kind.scheme}://alice:se%2Fcret@127.0.0.1`;

    expect(await failure(url, trusting())).to.equal(
      'An sslConfiguration is for tls:// and rediss://.',
    );
  });

  it('asks for a user and a password', async () => {
    const server = await BrokerServer.start(kind, loginOptions(kind));

    for (const login of ['alice:wrong', 'bob:se%2Fcret', 'wrong']) {
      expect(await failure(withLogin(server, login)), login).to.match(/cannot be used: /);
    }
    expect(await failure(server.url)).to.match(/cannot be used: /);
    await itWorks(await connect(withLogin(server, LOGIN)));
  });

  it('is tried again for as long as it refuses the password', async () => {
    const server = await BrokerServer.start(kind, loginOptions(kind));
    const stranger = await BrokerServer.start(kind, loginOptions(kind, 'other'));
    passage = await Passage.to(server.port);
    const broker = await connect(
      withLogin(server, LOGIN).replace(`:${server.port}`, `:${passage.port}`),
    );
    const gone = emitted(broker.disconnected);
    const back = emitted(broker.connected);

    passage.target = stranger.port;
    passage.cut();
    expect((await gone).join()).not.to.include('se/cret');
    while (passage.arrivals < 5) await setTimeout(5);
    expect(broker.isConnected()).to.equal(false);
    passage.target = server.port;
    await back;

    await itWorks(broker);
  });

  if (isNats) {
    it('asks for a token', async () => {
      const server = await BrokerServer.start(kind, ['--auth', 'se/cret']);

      expect(await failure(withLogin(server, 'wrong'))).to.match(/Authorization Violation/i);
      await itWorks(await connect(withLogin(server, 'se%2Fcret')));
    });

    it('goes to the server that is there, of several', async () => {
      const server = await BrokerServer.start(kind, loginOptions(kind));
      const elsewhere = await BrokerServer.start(kind, loginOptions(kind));
      await elsewhere.kill();

      const url = withLogin(elsewhere, LOGIN);
      await itWorks(await connect(`${url},127.0.0.1:${server.port}`));
    });
  } else {
    it('asks for the password alone', async () => {
      const server = await BrokerServer.start(kind, ['--requirepass', 'se/cret']);

      expect(await failure(withLogin(server, ':wrong'))).to.match(/WRONGPASS/);
      expect(await failure(server.url)).to.match(/NOAUTH/);
      await itWorks(await connect(withLogin(server, ':se%2Fcret')));
      await itWorks(await connect(withLogin(server, 'default:se%2Fcret')));
    });

    it('has its client tell no password on its channels of diagnostics', async () => {
      const server = await BrokerServer.start(kind, loginOptions(kind));
      const told: string[] = [];
      const listen = (message: unknown): void => {
        told.push(inspect(message, { depth: Infinity }));
      };
      for (const channel of CLIENT_CHANNELS) subscribe(channel, listen);
      try {
        await itWorks(await connect(withLogin(server, LOGIN)));
        await failure(withLogin(server, 'alice:wrong'));
      } finally {
        for (const channel of CLIENT_CHANNELS) unsubscribe(channel, listen);
      }

      expect(told.join())
        .to.match(/HELLO/)
        .and.not.match(/se[/]cret|wrong/);
    });

    it('needs no more of a user than the docs say', async () => {
      const page = readFileSync('docs/how-to/topics-and-scale-out.md', 'utf8');
      const [, rules = ''] = /^user alice (on >secret .*)$/m.exec(page)!;
      const options = ['--user', 'default', 'off', '--user', 'alice', ...rules.split(' ')];
      const server = await BrokerServer.start(kind, options);
      const broker = await connectTopicBroker(withLogin(server, 'alice:secret'), {
        prefix: 'market',
      });
      brokers.push(broker);
      const told: string[] = [];
      broker.errorOccurred.connect((description) => told.push(description));

      await itWorks(broker);
      await broker.retain('AAPL', null);
      broker.publish('AAPL', '2');
      broker.unsubscribe('AAPL');
      await broker.restore('AAPL', '1', 0);

      expect(told).to.deep.equal([]);
    });

    it('keeps its databases apart', async () => {
      const server = await BrokerServer.start(kind);
      const [one, two] = [await connect(`${server.url}/1`), await connect(`${server.url}/2`)];
      const got: unknown[] = [];
      for (const broker of [one, two]) {
        broker.subscribe('AAPL');
        await broker.latest('AAPL');
      }
      two.messageReceived.connect((_topic, { content }) => got.push(content));

      await one.retain('AAPL', '1');
      one.publish('AAPL', '2');
      await itWorks(one);
      await two.retain('AAPL', '3');

      expect(got).to.deep.equal(['3']);
      expect(await two.latest('AAPL')).to.have.property('content', '3');
    });

    for (const [what, options, why] of [
      [
        'a node of a cluster',
        ['--cluster-enabled', 'yes'],
        /a Redis Cluster.* Use one Redis, or NATS/,
      ],
      [
        'a replica',
        ['--replicaof', '127.0.0.1', '1'],
        /a replica.* give the URL of the primary\.$/,
      ],
    ] as const) {
      it(`is not ${what}`, async () => {
        const server = await BrokerServer.start(kind, options);

        expect(await failure(server.url)).to.match(why);
      });
    }
  }
}

function loginOptions(kind: BrokerKind, password = 'se/cret'): string[] {
  return kind.program === NATS.program
    ? ['--user', 'alice', '--pass', password]
    : ['--user', 'default', 'off', '--user', 'alice', 'on', `>${password}`, '~*', '&*', '+@all'];
}

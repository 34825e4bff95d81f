import { expect } from 'chai';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { clientFor, type Client } from '../../../lib/cli/connect/client.ts';
import {
  withConnectOptions,
  type ConnectOptions,
} from '../../../lib/cli/connect/connect-options.ts';
import { ProxyType } from '../../../lib/network/qnetworkproxy.ts';
import { QNetworkProxyFactory } from '../../../lib/node/qnetworkproxyfactory.ts';

function client(...args: string[]): Promise<Client> {
  const command = withConnectOptions(new Command());
  const options = command.parse(args, { from: 'user' }).opts<ConnectOptions>();
  return clientFor('ws://localhost', options);
}

async function mistake(...args: string[]): Promise<string> {
  return client(...args).then(String, (error: Error) => error.message);
}

describe('clientFor()', () => {
  afterEach(() => QNetworkProxyFactory.setUseSystemConfiguration(false));

  const proxies: Record<string, [host: string, port: number, type: ProxyType]> = {
    'socks5://joe:p%40ss@proxy.example': ['proxy.example', 1080, ProxyType.Socks5Proxy],
    'http://proxy.example:3128': ['proxy.example', 3128, ProxyType.HttpProxy],
    'https://[::1]': ['::1', 443, ProxyType.HttpProxy],
    'proxy.example:8080': ['proxy.example', 8080, ProxyType.HttpProxy],
  };
  for (const [text, [host, port, type]] of Object.entries(proxies)) {
    it(`takes ${text} for a proxy`, async () => {
      const proxy = (await client('--proxy', text)).socket.proxy();

      expect([proxy.hostName(), proxy.port(), proxy.type()]).to.deep.equal([host, port, type]);
      expect(proxy.isEncrypted()).to.equal(text.startsWith('https'));
      expect(proxy.password()).to.equal(text.includes('joe') ? 'p@ss' : '');
    });
  }

  it('leaves the choice to the environment without a word on proxies', async () => {
    expect((await client()).socket.proxy().type()).to.equal(ProxyType.DefaultProxy);
  });

  it('connects directly with --no-proxy', async () => {
    expect((await client('--no-proxy')).socket.proxy().type()).to.equal(ProxyType.NoProxy);
  });

  it('sets the limits that it is told', async () => {
    const { socket } = await client('--max-message', '10', '--connect-timeout', '1.5');

    expect(socket.maxAllowedIncomingMessageSize()).to.equal(10);
    expect(socket.maxAllowedIncomingFrameSize()).to.equal(10);
    expect(socket.openTimeout()).to.equal(1500);
  });

  describe('with an encrypted key', () => {
    let folder: string;
    let args: string[];

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'qws-'));
      const key = join(folder, 'key.pem');
      const { privateKey } = generateKeyPairSync('ec', {
        namedCurve: 'P-256',
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: {
          type: 'pkcs8',
          format: 'pem',
          cipher: 'aes-128-cbc',
          passphrase: 's3cret',
        },
      });
      writeFileSync(key, privateKey);
      args = ['--cert', 'spec/oracle/certs/client.crt', '--key', key];
    });

    after(() => rmSync(folder, { recursive: true }));

    afterEach(() => {
      delete process.env['QWS_PASSPHRASE'];
    });

    it('opens it with --passphrase', async () => {
      const { socket } = await client(...args, '--passphrase', 's3cret');

      expect(socket.sslConfiguration().privateKey().isNull()).to.equal(false);
    });

    it('opens it with QWS_PASSPHRASE', async () => {
      process.env['QWS_PASSPHRASE'] = 's3cret';

      const { socket } = await client(...args);

      expect(socket.sslConfiguration().privateKey().isNull()).to.equal(false);
    });

    it('says so when the passphrase is another', async () => {
      const text = await mistake(...args, '--passphrase', 'another');

      expect(text).to.equal('--key cannot be decrypted: the passphrase is missing or another.');
    });
  });
});

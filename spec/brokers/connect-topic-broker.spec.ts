import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect, promisify } from 'node:util';
import { connectTopicBroker } from '../../lib/brokers/connect-topic-broker.ts';
import { QSslConfiguration } from '../../lib/ssl/qsslconfiguration.ts';
import { listenOnLoopback, NOBODY } from '../support/ports.ts';
import { rejectionOf } from '../support/rejection-of.ts';

describe('connectTopicBroker()', () => {
  it('refuses what is no URL of a broker', async () => {
    expect(await rejectionOf(connectTopicBroker('amqp://a/'))).to.be.instanceOf(TypeError);
  });

  it('refuses an sslConfiguration for what is not secured', async () => {
    const options = { sslConfiguration: QSslConfiguration.defaultConfiguration() };

    for (const url of ['nats://127.0.0.1', 'redis://127.0.0.1']) {
      expect(await rejectionOf(connectTopicBroker(url, options))).to.be.instanceOf(TypeError);
    }
  });

  it('refuses options beyond their limits', async () => {
    for (const options of [
      { prefix: '' },
      { prefix: 'a.b' },
      { prefix: 'a'.repeat(65) },
      { timeout: 0 },
      { timeout: Number.NaN },
      { timeout: 2 ** 31 },
    ]) {
      const error = await rejectionOf(connectTopicBroker('nats://127.0.0.1', options));
      expect(error, JSON.stringify(options)).to.be.instanceOf(RangeError);
    }
  });

  for (const scheme of ['nats', 'redis']) {
    it(`tells where there is no broker for ${scheme}://, and no password`, async () => {
      const error = await rejectionOf(
        connectTopicBroker(`${scheme}://alice:secret@127.0.0.1:${NOBODY}`),
      );

      expect((error as Error).message).to.match(
        new RegExp(`^The broker ${scheme}://127.0.0.1:${NOBODY} cannot be used: .*refused`, 'i'),
      );
      expect((error as Error).message).not.to.include('secret');
    });
  }

  it('tells no password that Redis repeats, as it did before version 6', async () => {
    const old = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        const words = String(chunk).split('\r\n');
        socket.write(`-ERR unknown command, with args beginning with: ${words.join(' ')}\r\n`);
      });
    });
    const port = await listenOnLoopback(old);

    const error = await rejectionOf(connectTopicBroker(`redis://alice:s%20cret@127.0.0.1:${port}`));
    old.close();

    expect((error as Error).message).to.match(
      /cannot be used: ERR unknown command.* alice .*\*\*\*/,
    );
    expect(inspect(error, { depth: 9 })).not.to.match(/s( |%20)cret/);
  });

  describe('without the clients', function () {
    this.timeout(60_000);
    let folder: string;

    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'qwebsockets-'));
      mkdirSync(join(folder, 'node_modules'));
      cpSync('dist', join(folder, 'dist'), { recursive: true });
      symlinkSync(
        resolve('node_modules/eventemitter3'),
        join(folder, 'node_modules/eventemitter3'),
      );
      writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(
        join(folder, 'program.mjs'),
        `import { connectTopicBroker } from './dist/esm/brokers.js';
         await connectTopicBroker(process.argv[2]).catch(({ message }) => console.log(message));`,
      );
      writeFileSync(
        join(folder, 'program.cjs'),
        `const { connectTopicBroker } = require('./dist/cjs/brokers.js');
         connectTopicBroker(process.argv[2]).catch(({ message }) => console.log(message));`,
      );
    });

    after(() => rmSync(folder, { recursive: true }));

    for (const program of ['program.mjs', 'program.cjs']) {
      for (const [url, packages] of [
        ['nats://127.0.0.1', '@nats-io/transport-node @nats-io/kv'],
        ['redis://127.0.0.1', 'redis'],
      ] as const) {
        it(`tells in ${program} what to install for ${url}`, async () => {
          const { stdout } = await promisify(execFile)(
            process.execPath,
            [join(folder, program), url],
            { cwd: folder },
          );

          expect(stdout).to.equal(`This broker needs: npm install ${packages}\n`);
        });
      }
    }
  });
});

import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { ForwardedHeader, SslMode } from '../../lib/index.ts';
import { pemText } from '../ssl/support/certs.ts';
import { describeWith } from '../support/describe-with.ts';
import { emitted } from '../support/emitted.ts';
import { listenOnLoopback } from '../support/ports.ts';
import { RawClient, upgradeRequest } from '../support/raw-client.ts';
import { close, echo, open } from './support/client.ts';
import { itIsAGateway, type Listening } from './support/gateway-contract.ts';
import type { Recipe } from './support/gateway.ts';
import { LoneServer } from './support/lone-server.ts';
import { replaced } from './support/replaced.ts';

// The configurations that the docs show, with our places in them.
function recipe(
  instances: readonly Listening[],
  silence: string,
  others: Readonly<Record<string, string>> = {},
): Recipe {
  return {
    program: 'haproxy',
    files: (directory, port) => ({
      'haproxy.cfg': replaced(readFileSync('docs/how-to/haproxy.cfg', 'utf8'), {
        'bind :443': `bind 127.0.0.1:${port}`,
        '/etc/haproxy/tls/example.com.pem': `${directory}/server.pem`,
        ...placesOf(instances),
        'timeout tunnel 75s': `timeout tunnel ${silence}`,
        ...others,
      }),
      'server.pem': pemText('server.crt') + pemText('server.key'),
    }),
    options,
  };
}

function passingRecipe(
  instances: readonly Listening[],
  others: Readonly<Record<string, string>> = {},
): Recipe {
  return {
    program: 'haproxy',
    files: (_, port) => ({
      'haproxy.cfg': replaced(readFileSync('docs/how-to/haproxy-tls.cfg', 'utf8'), {
        'bind :443': `bind 127.0.0.1:${port}`,
        ...placesOf(instances),
        ...others,
      }),
    }),
    options,
  };
}

function placesOf(instances: readonly Listening[]): Record<string, string> {
  return {
    'first 127.0.0.1:8081': `first 127.0.0.1:${instances[0]!.port}`,
    'second 127.0.0.1:8082': `second 127.0.0.1:${instances.at(-1)!.port}`,
  };
}

function options(directory: string): string[] {
  return ['-db', '-f', `${directory}/haproxy.cfg`];
}

describeWith('haproxy', 'apt-get install haproxy', () => {
  itIsAGateway({
    recipe,
    forwarded: {
      'http-request del-header Forwarded':
        'http-request set-header Forwarded ' +
        'for=\\"%[src]:%[src_port]\\";proto=https;host=\\"%[req.hdr(host)]\\"',
    },
  });

  describe('with a server of ours on a port of its own', () => {
    let only: LoneServer;

    afterEach(() => only.stop());

    it('names the client in a line of its own behind what that has claimed', async () => {
      only = new LoneServer(SslMode.NonSecureMode);
      await only.standBehind(
        recipe([only], '30s', {
          'http-request set-header X-Forwarded-For %[src]': 'option forwardfor',
        }),
      );

      const [socket] = await only.meets({ 'X-Forwarded-For': '203.0.113.9' });

      expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
      expect(socket.requestUrl().scheme()).to.equal('wss');
    });

    it('speaks HTTP/2 to it, one stream for each client', async () => {
      only = new LoneServer(SslMode.NonSecureMode);
      const http = createServer((request, response) => {
        response.writeHead(request.url === '/health' ? 200 : 404).end();
      });
      only.server.attach(http);
      const at = { port: await listenOnLoopback(http) };
      await only.standBehind(
        recipe([at], '30s', { 'default-server check': 'default-server proto h2 check' }),
      );
      try {
        const [first] = await only.meets();
        const [second] = await only.meets();

        for (const socket of [first, second]) {
          expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
          expect(socket.requestUrl().scheme()).to.equal('wss');
        }
      } finally {
        http.close();
      }
    });

    describe('by the PROXY protocol', () => {
      function proxied(mode: SslMode): LoneServer {
        const server = new LoneServer(mode, ForwardedHeader.None);
        server.server.setProxyProtocolEnabled(true);
        return server;
      }

      for (const [way, sending] of Object.entries({
        'version 2': 'send-proxy-v2',
        'version 2 with much more in it':
          'send-proxy-v2 proxy-v2-options ssl,cert-cn,crc32c,authority,unique-id',
        'version 1': 'send-proxy',
      })) {
        it(`names the client whose TLS it passes on: ${way}`, async () => {
          only = proxied(SslMode.SecureMode);
          const port = await only.standBehind(
            passingRecipe([only], {
              'default-server send-proxy-v2': `default-server ${sending}`,
            }),
          );

          const [socket, client] = await only.meets({ 'X-Forwarded-For': '203.0.113.9' });

          expect([socket.peerAddress().toString(), socket.peerPort()]).to.deep.equal([
            '127.0.0.2',
            client.socket.localPort,
          ]);
          expect([socket.localAddress().toString(), socket.localPort()]).to.deep.equal([
            '127.0.0.1',
            port,
          ]);
          expect(socket.requestUrl().scheme()).to.equal('wss');
          expect(only.errors).to.deep.equal([]);
        });
      }

      it('carries messages of any length, over TLS', async () => {
        only = proxied(SslMode.SecureMode);
        const port = await only.standBehind(passingRecipe([only]));
        only.server.newConnection.connect(() => {
          const socket = only.server.nextPendingConnection()!;
          socket.textMessageReceived.connect((message) => void socket.sendTextMessage(message));
        });

        const client = await open(`wss://localhost:${port}/`);
        const message = 'aä€😀'.repeat(500_000);

        expect((await echo(client, message)) === message).to.equal(true);
        await close(client);
      });

      it('names the client of a server without TLS', async () => {
        only = proxied(SslMode.NonSecureMode);
        const port = await only.standBehind(passingRecipe([only]));

        const [socket] = await only.accepted(async () => {
          const client = new RawClient(
            connectTcp({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }),
          );
          client.write(upgradeRequest({ 'X-Forwarded-For': '203.0.113.9' }));
          await client.hears('\r\n\r\n');
          return client;
        });

        expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
        expect(socket.requestUrl().scheme()).to.equal('ws');
      });

      it('checks the health of servers without an error', async () => {
        only = proxied(SslMode.SecureMode);
        const port = await only.standBehind(
          passingRecipe([only], { 'check inter 2s': 'check inter 20ms' }),
        );

        for (let time = 0; time < 10; time++) {
          const client = await open(`wss://localhost:${port}/`);
          only.server.nextPendingConnection();
          await close(client);
        }

        expect(only.errors).to.deep.equal([]);
      });

      it('is told what is wrong when it does not speak it', async () => {
        only = new LoneServer(SslMode.NonSecureMode);
        only.server.setProxyProtocolEnabled(true);
        const port = await only.standBehind(recipe([only], '30s'));
        const failed = emitted(only.server.serverError);

        const outcome = await open(`wss://localhost:${port}/`).catch((error: Error) => error);
        await failed;

        expect((outcome as Error).message).to.match(/50[23]/);
        expect(only.errors[0]).to.match(
          /^The PROXY header is invalid\. \(proxy: no PROXY header from 127\.0\.0\.1:\d+\.\)$/,
        );
      });
    });
  });
});

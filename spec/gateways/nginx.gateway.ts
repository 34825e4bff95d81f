import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { SslMode } from '../../lib/index.ts';
import { pemText } from '../ssl/support/certs.ts';
import { describeWith } from '../support/describe-with.ts';
import { itIsAGateway, type Listening } from './support/gateway-contract.ts';
import type { Recipe } from './support/gateway.ts';
import { LoneServer } from './support/lone-server.ts';
import { nginxOptions } from './support/nginx-options.ts';
import { replaced } from './support/replaced.ts';
import { temporaryPlaces } from './support/temporary-places.ts';

// The configuration that the docs show, with our places in it.
function recipe(
  instances: readonly Listening[],
  silence: string,
  others: Readonly<Record<string, string>> = {},
): Recipe {
  return {
    program: 'nginx',
    files: (directory, port) => ({
      'nginx.conf': replaced(readFileSync('docs/how-to/nginx.conf', 'utf8'), {
        'http {': `http {\n${temporaryPlaces(directory)}`,
        '/var/log/nginx/access.log': `${directory}/access.log`,
        'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
        '/etc/nginx/tls/example.com.crt': `${directory}/server.crt`,
        '/etc/nginx/tls/example.com.key': `${directory}/server.key`,
        'server 127.0.0.1:8081': `server 127.0.0.1:${instances[0]!.port}`,
        'server 127.0.0.1:8082': `server 127.0.0.1:${instances.at(-1)!.port}`,
        'proxy_read_timeout 75s': `proxy_read_timeout ${silence}`,
        ...others,
      }),
      'server.crt': pemText('server.crt'),
      'server.key': pemText('server.key'),
    }),
    options: nginxOptions,
  };
}

describeWith('nginx', 'apt-get install nginx-light', () => {
  itIsAGateway({
    recipe,
    forwarded: {
      "proxy_set_header Forwarded ''":
        'proxy_set_header Forwarded ' +
        `'for="$remote_addr:$remote_port";proto=$scheme;host="$http_host"'`,
    },
  });

  describe('with a server of ours on a port of its own', () => {
    it('names the client behind what that has claimed', async () => {
      const only = new LoneServer(SslMode.NonSecureMode);
      try {
        const others = {
          'X-Forwarded-For $remote_addr': 'X-Forwarded-For $proxy_add_x_forwarded_for',
        };
        await only.standBehind(recipe([only], '30s', others));

        const [socket] = await only.meets({ 'X-Forwarded-For': '203.0.113.9, 127.0.0.1' });

        expect(socket.peerAddress().toString()).to.equal('127.0.0.2');
      } finally {
        await only.stop();
      }
    });
  });
});

import { readFileSync } from 'node:fs';
import { pemText } from '../ssl/support/certs.ts';
import { itIsAGateway } from './support/gateway-contract.ts';
import { describeWith } from '../support/describe-with.ts';
import type { Recipe } from './support/gateway.ts';
import type { Instance } from './support/instance.ts';
import { replaced } from './support/replaced.ts';

// The configuration that the docs show, with our places in it.
describeWith('nginx', 'apt-get install nginx-light', () => {
  itIsAGateway({
    recipe: (instances: readonly Instance[], silence: string): Recipe => ({
      program: 'nginx',
      files: (directory, port) => ({
        'nginx.conf': replaced(readFileSync('docs/how-to/nginx.conf', 'utf8'), {
          'http {': `http {\n${temporaryPlaces(directory)}`,
          '/var/log/nginx/access.log': `${directory}/access.log`,
          'listen 443 ssl': `listen 127.0.0.1:${port} ssl`,
          '/etc/nginx/tls/example.com.crt': `${directory}/server.crt`,
          '/etc/nginx/tls/example.com.key': `${directory}/server.key`,
          'server 127.0.0.1:8081': `server 127.0.0.1:${instances[0]!.port}`,
          'server 127.0.0.1:8082': `server 127.0.0.1:${instances[1]!.port}`,
          'proxy_read_timeout 75s': `proxy_read_timeout ${silence}`,
        }),
        'server.crt': pemText('server.crt'),
        'server.key': pemText('server.key'),
      }),
      options: (directory) => [
        '-p',
        directory,
        '-c',
        'nginx.conf',
        '-e',
        'stderr',
        '-g',
        `daemon off; pid ${directory}/nginx.pid;`,
      ],
    }),
  });
});

/** Debian's are for root. */
function temporaryPlaces(directory: string): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return kinds.map((kind) => `${kind}_temp_path ${directory}/${kind};`).join('\n');
}

import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { QHostAddress, QWebSocketServer, SslMode } from '../../lib/index.ts';
import { pemText } from '../ssl/support/certs.ts';
import { failureOf, open } from './support/client.ts';
import { itIsAGateway } from './support/gateway-contract.ts';
import { describeWith } from '../support/describe-with.ts';
import { Gateway, type Recipe } from './support/gateway.ts';
import { replaced } from './support/replaced.ts';

interface Listening {
  readonly port: number;
}

// The configuration that the docs show, with our places in it.
function recipe(instances: readonly Listening[], silence: string, more = ''): Recipe {
  return {
    program: 'haproxy',
    files: (directory, port) => ({
      'haproxy.cfg': replaced(readFileSync('docs/how-to/haproxy.cfg', 'utf8'), {
        'bind :443': `bind 127.0.0.1:${port}`,
        '/etc/haproxy/tls/example.com.pem': `${directory}/server.pem`,
        'first 127.0.0.1:8081': `first 127.0.0.1:${instances[0]!.port}${more}`,
        'second 127.0.0.1:8082': `second 127.0.0.1:${instances.at(-1)!.port}${more}`,
        'timeout tunnel 75s': `timeout tunnel ${silence}`,
      }),
      'server.pem': pemText('server.crt') + pemText('server.key'),
    }),
    options: (directory) => ['-db', '-f', `${directory}/haproxy.cfg`],
  };
}

describeWith('haproxy', 'apt-get install haproxy', () => {
  itIsAGateway({ recipe });

  // Our servers do not speak it so far.
  describe('with its PROXY protocol towards our servers', () => {
    it('is answered with 400, as everybody who does not speak HTTP', async () => {
      const server = new QWebSocketServer('only', SslMode.NonSecureMode);
      server.listen(QHostAddress.LocalHost);
      const only = { port: server.serverPort() };
      const gateway = await Gateway.start(recipe([only, only], '30s', ' send-proxy-v2'));

      const failure = await failureOf(open(`wss://localhost:${gateway.port}/`));

      expect(failure.message).to.include('(HTTP: status 400 of ');
      await gateway.stop();
      server.close();
    });
  });
});

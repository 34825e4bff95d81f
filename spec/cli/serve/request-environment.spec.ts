import { expect } from 'chai';
import { requestEnvironment } from '../../../lib/cli/serve/request-environment.ts';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QNetworkRequest } from '../../../lib/network/qnetworkrequest.ts';
import { QWebSocket } from '../../../lib/node/qwebsocket.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { emitted } from '../../support/emitted.ts';

const SERVER = { host: '127.0.0.1', port: 80, isSecure: false };

describe('requestEnvironment()', () => {
  let server: QWebSocketServer;
  let client: QWebSocket;

  beforeEach(() => {
    server = new QWebSocketServer('Spec');
    server.listen(QHostAddress.LocalHost);
    client = new QWebSocket();
  });

  afterEach(() => {
    client.abort();
    server.close();
  });

  async function variables(
    path: string,
    headers: Record<string, string> = {},
    inherited: NodeJS.ProcessEnv = {},
  ): Promise<NodeJS.ProcessEnv> {
    const request = new QNetworkRequest(`${server.serverUrl().toString()}${path}`);
    for (const [name, value] of Object.entries(headers)) request.setRawHeader(name, value);
    client.open(request);
    await emitted(server.newConnection);
    return requestEnvironment(server.nextPendingConnection()!, SERVER, inherited);
  }

  const paths: Record<string, [pathInfo: string, requestUri: string]> = {
    '/': ['/', '/'],
    '/a%20b/%C3%A4': ['/a b/ä', '/a%20b/%C3%A4'],
    '/a%00b': ['/a%00b', '/a%00b'],
    '/a%0Ab': ['/a%0Ab', '/a%0Ab'],
    '/%ff': ['/%ff', '/%ff'],
    '/a?b=c': ['/a', '/a?b=c'],
  };
  for (const [path, [pathInfo, requestUri]] of Object.entries(paths)) {
    it(`has PATH_INFO and REQUEST_URI of ${path}`, async () => {
      const env = await variables(path);

      expect(env['PATH_INFO']).to.equal(pathInfo);
      expect(env['REQUEST_URI']?.toLowerCase()).to.equal(requestUri.toLowerCase());
    });
  }

  it('has the fields of the request', async () => {
    const env = await variables('/', { 'X-Forwarded-For': '10.0.0.1', Cookie: 'a=b' });

    expect(env).to.deep.include({ HTTP_X_FORWARDED_FOR: '10.0.0.1', HTTP_COOKIE: 'a=b' });
  });

  it('has no secrets, no proxy for others, and no field that could pass for another', async () => {
    const env = await variables('/', {
      Authorization: 'Bearer s3cret',
      Proxy: 'http://evil.example',
      X_Forwarded_For: '127.0.0.1',
    });

    expect(Object.keys(env)).to.not.include.members(['HTTP_AUTHORIZATION']);
    expect(env['HTTP_PROXY']).to.equal(undefined);
    expect(env['HTTP_X_FORWARDED_FOR']).to.equal(undefined);
    expect(JSON.stringify(env)).to.not.include('s3cret');
  });

  it('hands on what is inherited, but nothing that looks like a part of the request', async () => {
    const inherited = {
      PATH: '/bin',
      HTTP_PROXY: 'http://proxy.example',
      HTTP_X_USER: 'root',
      REMOTE_ADDR: '10.0.0.1',
      HTTPS: 'on',
    };

    const env = await variables('/', {}, inherited);

    expect(env['PATH']).to.equal('/bin');
    expect(env['REMOTE_ADDR']).to.equal('127.0.0.1');
    for (const name of ['HTTP_PROXY', 'HTTP_X_USER', 'HTTPS']) {
      expect(env[name]).to.equal(undefined);
    }
  });
});

import { expect } from 'chai';
import { QHostAddress } from '../../../lib/network/qhostaddress.ts';
import { QWebSocketServer } from '../../../lib/node/qwebsocketserver.ts';
import { QSslConfiguration } from '../../../lib/ssl/qsslconfiguration.ts';
import {
  QHttpServerWebSocketUpgradeResponse,
  type HeaderList,
} from '../../../lib/websockets/qhttpserverwebsocketupgraderesponse.ts';
import { SslMode } from '../../../lib/websockets/qwebsocketserver-base.ts';
import { Http2Client } from '../../support/http2-client.ts';
import { identified } from '../../support/secure-client.ts';
import { wordsOf } from '../../support/words-of.ts';

const { accept, deny } = QHttpServerWebSocketUpgradeResponse;

describe('Http2Acceptor', () => {
  let server: QWebSocketServer;
  let clients: Http2Client[];

  beforeEach(() => {
    const configuration = identified();
    configuration.setAllowedNextProtocols([QSslConfiguration.ALPNProtocolHTTP2]);
    server = new QWebSocketServer('Test', SslMode.SecureMode);
    server.setSslConfiguration(configuration);
    server.listen(QHostAddress.LocalHost);
    clients = [];
  });

  afterEach(() => {
    server[Symbol.dispose]();
    for (const client of clients) client.close();
  });

  async function connect(): Promise<Http2Client> {
    const client = await Http2Client.connect(server.serverPort());
    clients.push(client);
    return client;
  }

  describe('answers with 500 in the place of what Node does not send', () => {
    const twice: HeaderList = [
      ['content-type', 'text/plain'],
      ['content-type', 'text/html'],
    ];
    const answers = {
      accept: accept({ headers: twice }),
      deny: deny(403, 'No', { headers: twice }),
    };
    for (const [name, answer] of Object.entries(answers)) {
      it(`where a verifier says so at once: ${name}`, async () => {
        server.addWebSocketUpgradeVerifier(server, () => answer);

        const { status } = await (await connect()).ask();

        expect(status).to.equal(500);
        expect(wordsOf(server.errorString())).to.equal(
          'A verifier has answered with a header that HTTP does not allow.',
        );
        expect(server.statistics().refused.failed).to.equal(1);
      });

      it(`and later: ${name}`, async () => {
        server.addWebSocketUpgradeVerifier(server, () => Promise.resolve(answer));

        expect((await (await connect()).ask()).status).to.equal(500);
      });
    }
  });

  it('sends headers whatever their names are', async () => {
    const names = ['constructor', '__proto__', 'valueof'];
    const headers = names.map((name) => [name, 'x'] as const);
    server.addWebSocketUpgradeVerifier(server, () => accept({ headers }));

    const answer = await (await connect()).ask();

    expect(
      names.map((name) => Object.getOwnPropertyDescriptor(answer.headers, name)?.value),
    ).to.deep.equal(['x', 'x', 'x']);
  });
});

import { expect } from 'chai';
import { SocketError } from '../../lib/network/qabstractsocket.ts';
import { QNetworkRequest } from '../../lib/network/qnetworkrequest.ts';
import { QUrl } from '../../lib/network/qurl.ts';
import { QWebSocket } from '../../lib/node/qwebsocket.ts';
import { emitted } from '../support/emitted.ts';
import { ScriptedPeer } from '../support/scripted-peer.ts';
import { certificate, SecurePeer, showing, trusting } from '../support/secure-peer.ts';

const SECRETS = /authorization|cookie|dXNlcjpwYXNz|secret/i;

describe('Secrets of a client', () => {
  let socket: QWebSocket;

  beforeEach(() => {
    socket = new QWebSocket();
  });

  afterEach(() => {
    socket.abort();
  });

  // ws 6946f5fe, d68ba9e1 and bc8bd34e, python websockets e48fe3cd: credentials followed a redirect.
  // CVE-2020-35678 (Autobahn): what a redirect said got into headers.
  describe('and a server that redirects', () => {
    let server: ScriptedPeer;
    let other: ScriptedPeer;

    beforeEach(async () => {
      server = await ScriptedPeer.listen();
      other = await ScriptedPeer.listen();
    });

    afterEach(async () => {
      await server.close();
      await other.close();
    });

    /** Opens the URL of `server` with all that is secret. */
    function open(): void {
      const url = new QUrl(`ws://127.0.0.1:${server.port}/`);
      url.setUserName('user');
      url.setPassword('pass');
      const request = new QNetworkRequest(url);
      request.setRawHeader('Cookie', 'id=secret');
      request.setRawHeader('X-Token', 'secret');
      socket.open(request);
    }

    for (const status of [300, 301, 302, 303, 305, 307, 308]) {
      it(`stay where they are: ${status}`, async () => {
        const places = [
          `ws://127.0.0.1:${other.port}/`,
          `http://127.0.0.1:${other.port}/`,
          `//127.0.0.1:${other.port}/`,
          `ws+unix:/tmp/nobody.sock:/`,
          '/elsewhere',
          'ws://a/\tX-Evil: 1',
        ];
        for (const place of places) {
          const failed = emitted(socket.errorOccurred);
          const ended = emitted(socket.disconnected);
          open();
          const connection = await server.accept();
          await connection.head();
          connection.say(`HTTP/1.1 ${status} Moved\r\nLocation: ${place}\r\n\r\n`);

          expect(await failed, place).to.deep.equal([SocketError.ConnectionRefusedError]);
          await ended;
          expect(socket.errorString()).to.include(String(status));
          expect(await connection.ended()).to.equal('');
        }
        expect([server.count, other.count]).to.deep.equal([places.length, 0]);
      });
    }

    it('do not go to the host that is opened next', async () => {
      const failed = emitted(socket.errorOccurred);
      open();
      const first = await server.accept();
      await first.head();
      first.say(
        'HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm="r"\r\nContent-Length: 0\r\n\r\n',
      );
      expect((await first.head()).join('\n')).to.match(/^authorization: Basic dXNlcjpwYXNz/im);
      first.say(`HTTP/1.1 302 Moved\r\nLocation: ws://127.0.0.1:${other.port}/\r\n\r\n`);
      await failed;

      socket.open(`ws://127.0.0.1:${other.port}/`);
      const second = await other.accept();
      expect((await second.head()).join('\n')).to.not.match(SECRETS);
      second.say(
        'HTTP/1.1 401 Who?\r\nWWW-Authenticate: Basic realm="r"\r\nContent-Length: 0\r\n\r\n',
      );

      expect(await second.ended()).to.not.match(SECRETS);
    });
  });

  // CVE-2020-15133 and CVE-2020-15134 (faye-websocket): the certificate was not verified.
  // CVE-2020-11050 (Java-WebSocket): the name of the host was not looked for in it.
  describe('and a server over TLS', () => {
    const servers: Record<string, { shown: string; trusted?: string }> = {
      'whose certificate nobody vouches for': { shown: 'server' },
      'that vouches for itself': { shown: 'self-signed' },
      'whose certificate has expired': { shown: 'expired', trusted: 'ca' },
      'that has the certificate of another host': { shown: 'other-host', trusted: 'ca' },
    };
    for (const [what, { shown, trusted }] of Object.entries(servers)) {
      it(`are kept from one ${what}, unless told otherwise`, async () => {
        const peer = await SecurePeer.listen(showing(shown));
        try {
          if (trusted !== undefined) socket.setSslConfiguration(trusting(trusted));
          const failed = emitted(socket.errorOccurred);
          const request = new QNetworkRequest(peer.url);
          request.setRawHeader('Cookie', 'id=secret');
          socket.open(request);
          const connection = await peer.next();

          expect(await failed).to.deep.equal([SocketError.SslHandshakeFailedError]);
          await connection.over;
          expect(peer.unread).to.have.lengthOf(0);
        } finally {
          peer.close();
        }
      });
    }

    it('go to the one that is trusted', async () => {
      const peer = await SecurePeer.listen();
      try {
        socket.setSslConfiguration(trusting());
        expect(certificate('server').isNull()).to.equal(false);
        const connected = emitted(socket.connected);
        const request = new QNetworkRequest(peer.url);
        request.setRawHeader('Cookie', 'id=secret');
        socket.open(request);

        expect(await (await peer.next()).accept()).to.include('id=secret');
        await connected;
      } finally {
        peer.close();
      }
    });
  });
});

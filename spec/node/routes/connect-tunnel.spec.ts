import { expect } from 'chai';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import type { SocketError } from '../../../lib/network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { connectTunnel } from '../../../lib/node/routes/connect-tunnel.ts';
import type { Route } from '../../../lib/node/routes/route.ts';
import { NOBODY } from '../../support/ports.ts';
import { RecordedRoute } from '../../support/recorded-route.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';
import { SecurePeer, showing, trusting } from '../../support/secure-peer.ts';

const OK = 'HTTP/1.1 200 OK\r\n\r\n';
const CONNECT = [
  'CONNECT target.example:8080 HTTP/1.1',
  'Proxy-Connection: keep-alive',
  'Host: target.example',
  'User-Agent: Mozilla/5.0',
];
/** joe:pw */
const AUTHORIZED = [...CONNECT, 'Proxy-Authorization: Basic am9lOnB3'];

function refusal(...fields: string[]): string {
  return ['HTTP/1.1 407 Who?', ...fields, '', ''].join('\r\n');
}
const REFUSAL = refusal('Proxy-Authenticate: Basic realm="gate"', 'Content-Length: 0');

describe('connectTunnel()', () => {
  let peer: ScriptedPeer;
  let events: RecordedRoute;
  let route: Route | undefined;

  beforeEach(async () => {
    peer = await ScriptedPeer.listen();
    events = new RecordedRoute();
    route = undefined;
  });

  afterEach(async () => {
    route?.cancel();
    events.stream?.destroy();
    await peer.close();
  });

  function start(user = '', password = '', host = 'target.example', port = 8080): Route {
    const proxy = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', peer.port, user, password);
    route = connectTunnel(proxy, host, port, { readBufferSize: 0 }, events);
    route.start();
    return route;
  }

  it('sends what Qt sends', async () => {
    start();
    const connection = await peer.accept();

    expect(await connection.head()).to.deep.equal(CONNECT);
  });

  const hosts: Record<string, [target: string, field: string]> = {
    '10.0.0.1': ['10.0.0.1:443', '10.0.0.1'],
    '2001:db8::1': ['[2001:db8::1]:443', '[2001:db8::1]'],
    'fe80::1%eth0': ['[fe80::1]:443', '[fe80::1]'],
  };
  for (const [host, [target, field]] of Object.entries(hosts)) {
    it(`asks for ${target} to reach ${host}`, async () => {
      start('', '', host, 443);
      const connection = await peer.accept();

      const [line, , hostLine] = await connection.head();

      expect(line).to.equal(`CONNECT ${target} HTTP/1.1`);
      expect(hostLine).to.equal(`Host: ${field}`);
    });
  }

  it('hands over the stream and what has come early', async () => {
    const { socket } = start();
    const connection = await peer.accept();
    await connection.head();
    connection.say(`${OK}early`);
    await events.end;
    expect(events.early).to.equal('early');
    expect(events.stream).to.equal(route?.socket);
    expect(events.stream).to.equal(socket);

    await events.leadsTo(connection);
  });

  it('leaves the stream without listeners, and alone', async () => {
    start();
    const connection = await peer.accept();
    await connection.head();
    connection.say(OK);
    await events.end;

    route!.cancel();

    expect(events.stream!.destroyed).to.equal(false);
    expect(events.stream!.isPaused()).to.equal(true);
    for (const event of ['data', 'error', 'close']) {
      expect(events.stream!.listenerCount(event), event).to.equal(0);
    }
  });

  for (const status of ['200 Connection established', '204 No Content', '299 Fine']) {
    it(`takes ${status} for a yes, and no length in it for a body`, async () => {
      start();
      const connection = await peer.accept();
      connection.say(`HTTP/1.1 ${status}\r\nContent-Length: 5\r\n\r\n12345`);
      await events.end;

      expect(events.early).to.equal('12345');
    });
  }

  it('takes an answer that drips', async () => {
    start();
    const connection = await peer.accept();
    for (const character of OK) connection.say(character);
    await events.end;

    expect(events.early).to.equal('');
    expect(events.failure).to.equal(undefined);
  });

  describe('fails with the error and the text of Qt', () => {
    const answers: Record<string, [answer: string, error: SocketError, text: string]> = {
      403: ['HTTP/1.1 403 Forbidden\r\n\r\n', 3, 'Proxy denied connection'],
      405: ['HTTP/1.1 405 No\r\n\r\n', 3, 'Proxy denied connection'],
      404: ['HTTP/1.1 404 Not Found\r\n\r\n', 2, 'Host not found'],
      503: ['HTTP/1.1 503 Service Unavailable\r\n\r\n', 0, 'Connection refused'],
      502: ['HTTP/1.1 502 Bad Gateway\r\n\r\n', 18, 'Error communicating with HTTP proxy'],
      301: ['HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n', 18, 'Error communicating with HTTP proxy'],
      101: ['HTTP/1.1 101 Go\r\n\r\n', 18, 'Error communicating with HTTP proxy'],
      'no HTTP': ['hello?\r\n\r\n', 18, 'Did not receive HTTP response from proxy'],
      'no text': ['\x05\x00\x00', 18, 'Did not receive HTTP response from proxy'],
      'no end': ['A'.repeat(110_000), 18, 'Did not receive HTTP response from proxy'],
      'a 407 without a challenge': [
        refusal('Content-Length: 0'),
        18,
        'Error parsing authentication request from proxy',
      ],
      'a 407 with a challenge that is not known': [
        refusal('Proxy-Authenticate: Negotiate'),
        18,
        'Error parsing authentication request from proxy',
      ],
    };
    for (const [what, [answer, error, description]] of Object.entries(answers)) {
      it(`for ${what}, and sends nothing more`, async () => {
        start();
        const connection = await peer.accept();
        await connection.head();

        connection.say(answer);
        await events.end;

        expect(events.failure).to.deep.include({ error, description });
        expect(await connection.ended()).to.equal('');
        expect(peer.count).to.equal(1);
        expect(events.asked).to.equal(0);
      });
    }

    it('when the proxy ends without an answer', async () => {
      start();
      const connection = await peer.accept();
      await connection.head();

      connection.end();
      await events.end;

      expect(events.failure).to.deep.include({
        error: 15,
        description: 'Proxy connection closed prematurely',
      });
      await connection.ended();
    });

    it('when the proxy resets the connection', async () => {
      start();
      const connection = await peer.accept();
      await connection.head();

      connection.reset();
      await events.end;

      expect(events.failure?.error).to.equal(15);
    });

    it('when nobody listens', async () => {
      const proxy = new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', NOBODY);
      route = connectTunnel(proxy, 'a.example', 80, { readBufferSize: 0 }, events);
      route.start();
      await events.end;

      expect(events.failure).to.deep.include({
        error: 14,
        description: 'Proxy connection refused',
      });
    });

    it('when there is no such proxy', async () => {
      const proxy = new QNetworkProxy(ProxyType.HttpProxy, '', 80);
      route = connectTunnel(proxy, 'a.example', 80, { readBufferSize: 0 }, events);
      route.start();
      await events.end;

      expect(events.failure).to.deep.include({ error: 17, description: 'Proxy server not found' });
    });
  });

  describe('when the proxy asks who is there', () => {
    it('says so on the same connection', async () => {
      const seen: unknown[] = [];
      events.answer = (authenticator, proxy) => {
        seen.push(authenticator.realm(), authenticator.user(), proxy.type(), proxy.port());
        authenticator.setUser('joe');
        authenticator.setPassword('pw');
      };
      start();
      const connection = await peer.accept();
      expect(await connection.head()).to.deep.equal(CONNECT);
      connection.say(REFUSAL);

      expect(await connection.head()).to.deep.equal(AUTHORIZED);
      connection.say(OK);
      await events.end;

      expect(seen).to.deep.equal(['gate', '', ProxyType.HttpProxy, peer.port]);
      expect(events.stream).to.not.equal(undefined);
      expect(peer.count).to.equal(1);
    });

    it('skips the text that comes with the question', async () => {
      start('joe', 'pw');
      const connection = await peer.accept();
      await connection.head();
      connection.say(refusal('Proxy-Authenticate: Basic realm=r', 'Content-Length: 10') + '0123');
      connection.say('456789');

      expect(await connection.head()).to.deep.equal(AUTHORIZED);
    });

    const lost: Record<string, string[]> = {
      'is to be closed': ['Proxy-Connection: close', 'Content-Length: 0'],
      'has a text without end': [],
      'has a text that is too long': ['Content-Length: 99999999'],
    };
    for (const [what, fields] of Object.entries(lost)) {
      it(`says so on a new connection when the old one ${what}`, async () => {
        start('joe', 'pw');
        const first = await peer.accept();
        await first.head();
        first.say(refusal('Proxy-Authenticate: Basic realm=r', ...fields));

        const second = await peer.accept();

        expect(await first.ended()).to.equal('');
        expect(await second.head()).to.deep.equal(AUTHORIZED);
        second.say(OK);
        await events.end;
        expect(events.stream).to.equal(route?.socket);
      });
    }

    it('says so on a new connection when the old one ends within the text', async () => {
      start('joe', 'pw');
      const first = await peer.accept();
      await first.head();
      first.say(refusal('Proxy-Authenticate: Basic realm=r', 'Content-Length: 10'));
      first.end();

      const second = await peer.accept();

      expect(await second.head()).to.deep.equal(AUTHORIZED);
    });

    it('answers with user and password of the proxy first, without asking', async () => {
      start('joe', 'pw');
      const connection = await peer.accept();
      expect(await connection.head()).to.deep.equal(CONNECT);
      connection.say(REFUSAL);
      expect(await connection.head()).to.deep.equal(AUTHORIZED);
      expect(events.asked).to.equal(0);

      connection.say(REFUSAL);
      await events.end;

      expect(events.asked).to.equal(1);
      expect(events.failure?.error).to.equal(12);
    });

    it('fails when nobody answers', async () => {
      start();
      const connection = await peer.accept();
      await connection.head();
      connection.say(REFUSAL);
      await events.end;

      expect(events.failure).to.deep.include({ error: 12, description: 'Authentication required' });
      expect(events.asked).to.equal(1);
      expect(await connection.ended()).to.equal('');
    });

    it('fails when the answer does not change', async () => {
      events.answer = (authenticator) => authenticator.setUser('joe');
      start();
      const connection = await peer.accept();
      await connection.head();
      connection.say(REFUSAL);
      await connection.head();
      connection.say(REFUSAL);
      await events.end;

      expect(events.asked).to.equal(2);
      expect(events.failure?.error).to.equal(12);
    });

    it('fails after 16 different answers', async () => {
      events.answer = (authenticator) => authenticator.setUser(`joe${events.asked}`);
      start();
      const connection = await peer.accept();
      for (let i = 0; i < 17; i++) {
        await connection.head();
        connection.say(REFUSAL);
      }
      await events.end;

      expect(events.asked).to.equal(16);
      expect(events.failure?.error).to.equal(12);
    });

    it('computes Digest over the target, and counts', async () => {
      const digest = 'Proxy-Authenticate: Digest realm=r, nonce=n, qop=auth';
      start('joe', 'pw');
      const connection = await peer.accept();
      await connection.head();
      connection.say(refusal(digest, 'Content-Length: 0'));

      const [, , , , authorization] = await connection.head();

      expect(authorization).to.match(/^Proxy-Authorization: Digest username="joe", realm="r", /);
      expect(authorization).to.include(' uri="target.example:8080"');
      expect(authorization).to.include(' nc=00000001');
    });

    it('stops when the slot gives up', async () => {
      events.answer = (authenticator) => {
        authenticator.setUser('joe');
        route!.cancel();
      };
      start();
      const connection = await peer.accept();
      await connection.head();
      connection.say(REFUSAL);

      expect(await connection.ended()).to.equal('');
      expect(events.ends).to.equal(0);
    });
  });

  describe('with TLS to the proxy', () => {
    let proxy: SecurePeer;

    afterEach(() => proxy.close());

    async function startSecurely(name: string): Promise<void> {
      proxy = await SecurePeer.listen(showing(name));
      const own = new QNetworkProxy(ProxyType.HttpProxy, 'localhost', proxy.port, 'joe', 'pw');
      own.setEncrypted(true);
      const options = { readBufferSize: 0, sslConfiguration: trusting() };
      route = connectTunnel(own, 'target.example', 8080, options, events);
      route.start();
    }

    it('sends the same, and hands the stream over that is encrypted', async () => {
      await startSecurely('server');
      const connection = await proxy.next();
      const head = await connection.head();
      connection.socket.write(`${OK}early`);
      await events.end;
      events.stream!.write('through');

      expect(head.split('\r\n').slice(0, -2)).to.deep.equal(CONNECT);
      expect(events.early).to.equal('early');
      expect(events.stream).to.equal(route!.socket);
      expect((await connection.read(7)).toString()).to.equal('through');
      expect(proxy.streams[0]!.servername).to.equal('localhost');
    });

    it('makes another handshake for another connection', async () => {
      await startSecurely('server');
      const first = await proxy.next();
      await first.head();
      first.socket.write(refusal('Proxy-Authenticate: Basic realm=r', 'Connection: close'));
      const second = await proxy.next();

      expect((await second.head()).split('\r\n').slice(0, -2)).to.deep.equal(AUTHORIZED);
      await first.over;
    });

    it('sends nothing to another than the proxy', async () => {
      await startSecurely('other-host');
      await events.end;
      for (let turn = 0; turn < 5; turn++) await setImmediate();

      expect(events.failure!.error).to.equal(18);
      expect(events.failure!.description).to.match(/^TLS to the proxy failed: The host name/);
      expect(proxy.unread).to.have.lengthOf(0);
      expect(events.ends).to.equal(1);
    });

    it('says nothing when it is cancelled during TLS', async () => {
      await startSecurely('server');
      const { socket } = route!;
      const closed = once(socket!, 'close');
      route!.cancel();
      await closed;

      expect(events.ends).to.equal(0);
    });
  });

  it('closes the connection when it is cancelled, and says nothing', async () => {
    start();
    const connection = await peer.accept();
    await connection.head();

    route!.cancel();

    expect(await connection.ended()).to.equal('');
    expect(route!.socket).to.equal(undefined);
    expect(events.ends).to.equal(0);
  });
});

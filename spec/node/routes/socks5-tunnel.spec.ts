import { expect } from 'chai';
import { ProxyType, QNetworkProxy } from '../../../lib/network/qnetworkproxy.ts';
import { socks5Tunnel } from '../../../lib/node/routes/socks5-tunnel.ts';
import type { Route } from '../../../lib/node/routes/route.ts';
import { hex } from '../../support/hex.ts';
import { NOBODY } from '../../support/ports.ts';
import { RecordedRoute } from '../../support/recorded-route.ts';
import { ScriptedPeer } from '../../support/scripted-peer.ts';

const REQUEST = '050100030e7461726765742e6578616d706c651f90';
const GRANTED = hex('05000001000000000000');

describe('socks5Tunnel()', () => {
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

  function start(user = '', password = '', host = 'target.example'): Route {
    const proxy = new QNetworkProxy(ProxyType.Socks5Proxy, '127.0.0.1', peer.port, user, password);
    route = socks5Tunnel(proxy, host, 8080, { readBufferSize: 0 }, events);
    route.start();
    return route;
  }

  it('hands over the stream and what has come early', async () => {
    start();
    const connection = await peer.accept();
    expect(await connection.bytes(3)).to.equal('050100');
    connection.say(hex('0500'));
    expect(await connection.bytes(21)).to.equal(REQUEST);
    connection.say(Buffer.concat([GRANTED, Buffer.from('early')]));
    await events.end;
    expect(events.early).to.equal('early');
    expect(events.stream).to.equal(route?.socket);
    expect(events.stream!.isPaused()).to.equal(true);
    for (const event of ['data', 'connect', 'error', 'close']) {
      expect(events.stream!.listenerCount(event), event).to.equal(0);
    }

    await events.leadsTo(connection);
  });

  it('logs in with user and password of the proxy', async () => {
    start('joe', 'pw');
    const connection = await peer.accept();
    expect(await connection.bytes(3)).to.equal('050102');
    connection.say(hex('0502'));
    expect(await connection.bytes(8)).to.equal('01036a6f65027077');
    connection.say(hex('0100'));
    expect(await connection.bytes(21)).to.equal(REQUEST);
    connection.say(GRANTED);
    await events.end;

    expect(events.stream).to.not.equal(undefined);
    expect(events.asked).to.equal(0);
  });

  it('takes answers that drip', async () => {
    start();
    const connection = await peer.accept();
    for (const byte of hex('0500')) connection.say(Buffer.of(byte));
    await connection.bytes(24);
    for (const byte of GRANTED) connection.say(Buffer.of(byte));
    await events.end;

    expect(events.failure).to.equal(undefined);
  });

  describe('when the proxy wants a login', () => {
    it('asks, and tries again on a new connection', async () => {
      events.answer = (authenticator) => {
        authenticator.setUser('joe');
        authenticator.setPassword('pw');
      };
      start();
      const first = await peer.accept();
      await first.bytes(3);
      first.say(hex('05ff'));

      const second = await peer.accept();

      expect(await first.ended()).to.equal('');
      expect(await second.bytes(3)).to.equal('050102');
      second.say(hex('0502'));
      expect(await second.bytes(8)).to.equal('01036a6f65027077');
      second.say(Buffer.concat([hex('0100'), GRANTED]));
      await events.end;
      expect(events.stream).to.equal(route?.socket);
      expect(events.asked).to.equal(1);
    });

    it('asks when user and password of the proxy are wrong, and shows them', async () => {
      const seen: string[] = [];
      events.answer = (authenticator) => seen.push(authenticator.user(), authenticator.password());
      start('joe', 'pw');
      const connection = await peer.accept();
      await connection.bytes(3);
      connection.say(hex('0502 0101'));
      await events.end;

      expect(seen).to.deep.equal(['joe', 'pw']);
      expect(events.failure).to.deep.include({
        error: 12,
        description: 'Proxy authentication failed',
      });
    });

    it('fails after 16 different answers', async () => {
      events.answer = (authenticator) => authenticator.setUser(`joe${events.asked}`);
      start();
      for (let i = 0; i < 17; i++) {
        const connection = await peer.accept();
        await connection.bytes(3);
        connection.say(hex('05ff'));
      }
      await events.end;

      expect(events.asked).to.equal(16);
      expect(events.failure?.error).to.equal(12);
    });

    it('stops when the slot gives up', async () => {
      events.answer = (authenticator) => {
        authenticator.setUser('joe');
        route!.cancel();
      };
      start();
      const connection = await peer.accept();
      await connection.bytes(3);
      connection.say(hex('05ff'));

      expect(await connection.ended()).to.equal('');
      expect(events.ends).to.equal(0);
      expect(peer.count).to.equal(1);
    });
  });

  describe('fails with the error and the text of Qt', () => {
    const answers: Record<string, [said: string, error: number, text: string]> = {
      'a refusal': ['0500 0505', 0, 'Connection refused'],
      'a name that is not found': ['0500 0504', 2, 'Host not found'],
      'no SOCKS': ['4854', 18, 'SOCKS version 5 protocol error'],
    };
    for (const [what, [said, error, description]] of Object.entries(answers)) {
      it(`for ${what}, and closes the connection`, async () => {
        start();
        const connection = await peer.accept();
        await connection.bytes(3);
        connection.say(hex(said));
        await events.end;

        expect(events.failure).to.deep.include({ error, description });
        expect(events.ends).to.equal(1);
        await connection.ended();
      });
    }

    it('when the proxy ends without an answer', async () => {
      start();
      const connection = await peer.accept();
      connection.end();
      await events.end;

      expect(events.failure).to.deep.include({
        error: 15,
        description: 'Connection to proxy closed prematurely',
      });
    });

    it('when nobody listens', async () => {
      const proxy = new QNetworkProxy(ProxyType.Socks5Proxy, '127.0.0.1', NOBODY);
      route = socks5Tunnel(proxy, 'a.example', 80, { readBufferSize: 0 }, events);
      route.start();
      await events.end;

      expect(events.failure).to.deep.include({
        error: 14,
        description: 'Connection to proxy refused',
      });
    });

    it('when there is no such proxy', async () => {
      const proxy = new QNetworkProxy(ProxyType.Socks5Proxy);
      route = socks5Tunnel(proxy, 'a.example', 80, { readBufferSize: 0 }, events);
      route.start();
      await events.end;

      expect(events.failure).to.deep.include({ error: 17, description: 'Proxy host not found' });
    });

    it('when the name is too long for a request', async () => {
      start('', '', 'a'.repeat(256));
      await events.end;

      expect(events.failure).to.deep.include({ error: 2, description: 'Host not found' });
    });
  });

  it('closes the connection when it is cancelled, and says nothing', async () => {
    start();
    const connection = await peer.accept();
    await connection.bytes(3);

    route!.cancel();

    expect(await connection.ended()).to.equal('');
    expect(events.ends).to.equal(0);
  });
});

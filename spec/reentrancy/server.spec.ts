import { createServer } from 'node:http';
import net from 'node:net';
import { PassThrough } from 'node:stream';
import { spy } from 'sinon';
import { QHostAddress } from '../../lib/network/qhostaddress.ts';
import { PeerVerifyMode } from '../../lib/ssl/qsslsocket.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { clientHello, UNKNOWN_CA } from '../support/client-hello.ts';
import { RawClient } from '../support/raw-client.ts';
import { identified, sharingKey } from '../support/secure-client.ts';
import { trusting } from '../support/secure-peer.ts';
import { SlotError } from './support/play.ts';
import { playServers, type ServerAction, type ServerLife } from './support/server-play.ts';
import { World } from './support/world.ts';

type Step = ServerAction['act'];

const every = (act: Step): ServerAction => ({ act, times: 40 });
const once = (act: Step): ServerAction => ({ act, times: 1 });
const all =
  (...steps: readonly Step[]): Step =>
  (server, world) =>
    steps.forEach((step) => step(server, world));

const close: Step = (server) => server.close();
const listen: Step = (server) => void server.listen(QHostAddress.LocalHost);
const dispose: Step = (server) => server[Symbol.dispose]();
const later: Step = (server) => server.deleteLater();
const pause: Step = (server) => server.pauseAccepting();
const resume: Step = (server) => server.resumeAccepting();
const silence: Step = (server) => void server.removeAllListeners();
const attach: Step = (server, world) => {
  const http = createServer();
  http.listen(0, '127.0.0.1');
  world.atTheEnd(() => http.close());
  server.attach(http);
};

/** Fetches whoever waits, and does `act` with each. */
const fetching =
  (act: (peer: NonNullable<World['peer']>) => void): Step =>
  (server) => {
    for (;;) {
      const peer = server.nextPendingConnection();
      if (peer === null) return;
      act(peer);
    }
  };

const actions: Readonly<Record<string, ServerAction>> = {
  nothing: every(() => {}),
  'close()': every(close),
  'listen() while it listens': once(listen),
  'close() and listen()': every(all(close, listen)),
  'listen() and close()': once(all(listen, close)),
  'close() twice': every(all(close, close)),
  'deleteLater()': every(later),
  'its end': every(dispose),
  'its end and listen()': every(all(dispose, listen)),
  'its end and attach()': every(all(dispose, attach)),
  'deleteLater() and listen()': every(all(later, close, listen)),
  'attach()': once(attach),
  'attach() and detach()': every(all(attach, (server) => server.detach())),
  'detach()': every((server) => server.detach()),
  'close() of the sockets that wait': every(fetching((peer) => peer.close())),
  'abort() of the sockets that wait': every(fetching((peer) => peer.abort())),
  'the end of the sockets that wait': every(fetching((peer) => peer[Symbol.dispose]())),
  'messages to those who wait': every(fetching((peer) => void peer.sendTextMessage('you'))),
  'the sockets that wait, and its end': every(
    all(
      fetching(() => {}),
      dispose,
    ),
  ),
  'pauseAccepting()': every(pause),
  'resumeAccepting()': every(resume),
  'pauseAccepting() and resumeAccepting()': every(all(pause, resume)),
  'pauseAccepting() and close()': every(all(pause, close)),
  'an exception': every(() => {
    throw new SlotError('on purpose');
  }),
  'removeAllListeners()': every(silence),
  'disconnect()': every((server) => void server.disconnect()),
  'blockSignals()': once((server) => void server.blockSignals(true)),
  'no room': every((server) => server.setMaxPendingConnections(0)),
  'no time': every((server) => server.setHandshakeTimeout(0)),
  'setSslConfiguration()': every((server) => server.setSslConfiguration(identified())),
  'handleConnection()': once((server) => server.handleConnection(new PassThrough().end())),
  'abort() of the client': every((_, { client }) => client.abort()),
  'close() of the client': every((_, { client }) => client.close()),
  'open() of the client': once((_, { client, url }) => client.open(url)),
  'the end of the client': every((_, { client }) => client[Symbol.dispose]()),
  'open() of a sibling': once((_, { sibling, url }) => sibling.open(url)),
  'the end of client and server': every((server, { client }) => {
    client[Symbol.dispose]();
    server[Symbol.dispose]();
  }),
};

/** Those that decide what becomes of the server: TLS takes its time. */
const decisiveActions: typeof actions = Object.fromEntries(
  [
    'nothing',
    'close()',
    'close() and listen()',
    'deleteLater()',
    'its end',
    'its end and listen()',
    'pauseAccepting()',
    'an exception',
    'removeAllListeners()',
    'no time',
    'setSslConfiguration()',
    'abort() of the client',
    'the end of client and server',
  ].map((name) => [name, actions[name]!]),
);

function come(world: World): void {
  world.listen();
  world.client.open(world.url);
}

function secureWorld(): World {
  return new World(SslMode.SecureMode);
}

function comeSecurely(world: World, name = 'client', trust = trusting()): void {
  const demanding = identified('server', trust);
  demanding.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
  world.server.setSslConfiguration(demanding);
  world.client.setSslConfiguration(identified(name));
  come(world);
}

const lives: Readonly<Record<string, ServerLife>> = {
  'a client that comes': {
    begin: come,
    signals: ['originAuthenticationRequired', 'newConnection'],
  },
  'a client that nobody fetches': {
    begin: (world) => {
      world.isFetching = false;
      come(world);
    },
    signals: ['newConnection'],
  },
  'a client of a wrong origin': {
    begin: (world) => {
      world.server.originAuthenticationRequired.connect((authenticator) =>
        authenticator.setAllowed(false),
      );
      come(world);
      world.client.disconnected.connect(() => {
        world.server.originAuthenticationRequired.disconnect();
      });
    },
    signals: ['originAuthenticationRequired', 'serverError'],
  },
  'a client for whom there is no room': {
    begin: (world) => {
      world.server.setMaxPendingConnections(0);
      come(world);
    },
    signals: ['serverError'],
  },
  'a server that cannot listen': {
    begin: ({ server }) => server.listen('192.0.2.1'),
    signals: ['serverError'],
  },
  'a system that is out of descriptors': {
    begin: (world) => {
      const creating = spy(net, 'createServer');
      come(world);
      const [listener] = creating.returnValues;
      creating.restore();
      const failure = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
      world.client.connected.connect(() => void listener!.emit('error', failure));
    },
    signals: ['acceptError'],
  },
  'a server that closes': {
    begin: (world) => {
      come(world);
      world.client.connected.connect(() => world.server.close());
    },
    signals: ['closed'],
  },
  'a server that is destroyed with connections': {
    begin: (world) => {
      come(world);
      world.client.connected.connect(() => world.server.deleteLater());
    },
    signals: ['destroyed'],
  },
  'a client of an HTTP server': {
    begin: async (world) => {
      const http = createServer();
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      world.atTheEnd(() => http.close());
      world.server.attach(http);
      world.url = world.server.serverUrl().toString();
      world.client.open(world.url);
    },
    signals: ['originAuthenticationRequired', 'newConnection'],
  },
};

const secureLives: Readonly<Record<string, ServerLife>> = {
  'a client that comes over TLS': {
    makeWorld: secureWorld,
    begin: (world) => comeSecurely(world),
    signals: ['originAuthenticationRequired', 'newConnection'],
  },
  'a client that it does not trust': {
    makeWorld: secureWorld,
    begin: (world) => comeSecurely(world, 'self-signed'),
    signals: ['peerVerifyError', 'sslErrors', 'sslErrorsOccurred', 'alertSent'],
  },
  'a handshake that is interrupted': {
    makeWorld: secureWorld,
    begin: (world) => {
      const strict = trusting();
      strict.setHandshakeMustInterruptOnError(true);
      comeSecurely(world, 'self-signed', strict);
    },
    signals: ['handshakeInterruptedOnError', 'alertSent'],
  },
  'a client that gives TLS up with an alert': {
    makeWorld: secureWorld,
    begin: async (world) => {
      world.server.setSslConfiguration(identified());
      world.listen();
      const raw = await RawClient.connect(world.server.serverPort());
      world.atTheEnd(() => raw.socket.destroy());
      raw.write(await clientHello({ maxVersion: 'TLSv1.2' }));
      raw.socket.once('data', () => raw.write(UNKNOWN_CA));
    },
    signals: ['alertReceived'],
  },
  'a client that wants a key': {
    makeWorld: secureWorld,
    begin: (world) => {
      world.server.setSslConfiguration(sharingKey());
      world.client.setSslConfiguration(sharingKey());
      world.client.preSharedKeyAuthenticationRequired.connect((authenticator) => {
        authenticator.setIdentity('me');
        authenticator.setPreSharedKey(Buffer.from('secret'));
      });
      come(world);
    },
    signals: ['preSharedKeyAuthenticationRequired'],
  },
};

describe('a slot of a server', () => {
  playServers(lives, actions);
  playServers(secureLives, decisiveActions);
});

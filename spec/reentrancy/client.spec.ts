import { ProxyType, QNetworkProxy } from '../../lib/network/qnetworkproxy.ts';
import { ConnectProxy } from '../support/connect-proxy.ts';
import { frame } from '../support/frames.ts';
import { LoginPeer } from '../support/login-peer.ts';
import { NOBODY } from '../support/ports.ts';
import { RawPeer, type RawConnection } from '../support/raw-peer.ts';
import { decisiveActions, otherActions, ownActions } from './support/actions.ts';
import { playSockets, type Life } from './support/socket-play.ts';
import type { World } from './support/world.ts';

const OPENED = ['stateChanged Connecting', 'stateChanged Connected', 'connected'];
const ENDED = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];
const CLOSED = ['aboutToClose', 'stateChanged Closing', ...ENDED];
const FAILED = ['errorOccurred', ...ENDED];

function talk(world: World): void {
  world.greet = (peer) => {
    peer.textMessageReceived.connect(() => peer.close(4000, 'over'));
    peer.sendTextMessage('hello');
    peer.sendBinaryMessage(new Uint8Array(3));
  };
  world.listen();
  world.client.open(world.url);
}

/** A life with a peer that says what `say` says to each connection. */
function scripted(say: (connection: RawConnection) => unknown): Life['begin'] {
  return async (world) => {
    const peer = await RawPeer.listen();
    world.atTheEnd(() => peer.close());
    world.url = peer.url;
    world.client.open(peer.url);
    for (;;) {
      const connection = await peer.next();
      // A client that goes away is no failure of the peer.
      void Promise.resolve(say(connection)).catch(() => {});
    }
  };
}

const lives: Readonly<Record<string, Life>> = {
  'a talk that the peer ends': {
    begin: talk,
    after: {
      connected: ({ client }) => {
        client.ping();
        client.sendTextMessage('bye');
      },
    },
    signals: [
      ...OPENED,
      'bytesWritten',
      'textFrameReceived hello',
      'textMessageReceived hello',
      'binaryFrameReceived',
      'binaryMessageReceived',
      'pong',
      ...CLOSED,
    ],
  },
  'a connection that it closes itself': {
    begin: talk,
    after: { connected: ({ client }) => client.close() },
    signals: ['textMessageReceived hello', ...CLOSED],
  },
  'a connection that it gives up': {
    begin: talk,
    after: { connected: ({ client }) => client.abort() },
    signals: ['aboutToClose', ...ENDED],
  },
  'a connection that ends with the object': {
    begin: talk,
    after: { connected: ({ client }) => client[Symbol.dispose]() },
    signals: ['aboutToClose', 'stateChanged Closing', 'destroyed'],
  },
  'a connection that another one replaces': {
    begin: talk,
    after: { connected: ({ client, url }) => client.open(url) },
    signals: ['stateChanged Connecting', 'connected'],
  },
  'a connection that a bad resource replaces': {
    begin: talk,
    after: { connected: ({ client }) => client.open('ws://127.0.0.1/%0D%0A') },
    signals: ['stateChanged Unconnected', 'errorOccurred', 'error'],
  },
  'words that came with the handshake': {
    begin: scripted(async (connection) => {
      await connection.accept(
        '',
        Buffer.concat([
          frame(1, 'a', { isFinal: false }),
          frame(9, 'ping'),
          frame(0, 'b'),
          frame(2, 'c'),
          frame(10, 'pong'),
          frame(8, Buffer.from([3, 232])),
        ]),
      );
      connection.socket.end();
    }),
    signals: [
      'stateChanged Connected',
      'connected',
      'textFrameReceived a',
      'textFrameReceived b',
      'textMessageReceived ab',
      'binaryFrameReceived',
      'pong',
      ...CLOSED,
    ],
  },
  'a peer that breaks the protocol': {
    begin: scripted(async (connection) => {
      await connection.accept('', Buffer.concat([frame(1, 'a'), frame(3, 'b'), frame(1, 'c')]));
      await connection.ended;
      connection.socket.end();
    }),
    signals: ['textMessageReceived a', ...CLOSED],
  },
};

const failures: Readonly<Record<string, Life>> = {
  'messages that are inflated while others wait': {
    begin: (world) => {
      world.server.setCompressionEnabled(true);
      world.client.setCompressionEnabled(true);
      world.greet = (peer) => {
        // The second is too large to be inflated on the spot.
        for (const length of [3_000, 300_000, 3_001]) peer.sendTextMessage('ab'.repeat(length));
        peer.sendBinaryMessage(new Uint8Array(5_000));
        peer.close();
      };
      world.listen();
      world.client.open(world.url);
    },
    signals: ['textFrameReceived', 'textMessageReceived', 'binaryMessageReceived', 'disconnected'],
  },
  'a peer that leaves without a word': {
    begin: scripted(async (connection) => {
      await connection.accept('', frame(1, 'a'));
      connection.socket.end();
    }),
    signals: ['errorOccurred', 'error', 'stateChanged Closing', ...ENDED],
  },
  'a peer that resets the connection': {
    begin: scripted(async (connection) => {
      await connection.accept();
      connection.reset();
    }),
    signals: ['errorOccurred', 'error', 'stateChanged Closing', ...ENDED],
  },
  'a peer that stops within a message': {
    begin: (world) => {
      world.client.setIncompleteMessageTimeout(0);
      return scripted(async (connection) => {
        await connection.accept('', frame(1, 'a', { isFinal: false }));
        await connection.ended;
        connection.socket.end();
      })(world);
    },
    signals: ['textFrameReceived a', ...CLOSED],
  },
  'a peer that never answers a Close': {
    begin: (world) => {
      world.client.setCloseTimeout(0);
      return scripted((connection) => connection.accept())(world);
    },
    after: { connected: ({ client }) => client.close() },
    signals: [...CLOSED],
  },
  'nobody there': {
    begin: (world) => {
      world.url = `ws://127.0.0.1:${NOBODY}/`;
      world.client.open(world.url);
    },
    signals: ['stateChanged Unconnected', 'disconnected', 'errorOccurred', 'error'],
  },
  'a peer that refuses': {
    begin: scripted(async (connection) => {
      await connection.head();
      connection.socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    }),
    signals: FAILED,
  },
  'a peer that leaves before it answers': {
    begin: scripted(async (connection) => {
      await connection.head();
      connection.socket.end();
    }),
    signals: FAILED,
  },
  'a peer that takes too long': {
    begin: (world) => {
      world.client.setOpenTimeout(0);
      return scripted(() => {})(world);
    },
    signals: ['stateChanged Unconnected', 'disconnected', 'errorOccurred', 'error'],
  },
  'an attempt that is closed at once': {
    begin: (world) => {
      talk(world);
      world.client.close();
    },
    signals: ['stateChanged Connecting', 'errorOccurred', 'error', 'aboutToClose', ...ENDED],
  },
  'an attempt that is closed while the peer thinks': {
    begin: (world) =>
      scripted(async (connection) => {
        await connection.head();
        world.client.close();
      })(world),
    signals: ['aboutToClose', ...ENDED],
  },
  'an attempt that is given up': {
    begin: (world) => {
      talk(world);
      world.client.abort();
    },
    signals: ['aboutToClose', ...ENDED],
  },
  'an attempt that ends with the object': {
    begin: (world) => {
      talk(world);
      world.client[Symbol.dispose]();
    },
    signals: ['destroyed'],
  },
  'an invalid URL': {
    begin: ({ client }) => client.open(''),
    signals: ['errorOccurred', 'error'],
  },
  'a peer that asks who is there': {
    begin: async (world) => {
      const peer = await LoginPeer.listen(false, { closes: false, hasLength: true, body: 'Who?' });
      world.atTheEnd(() => peer.close());
      world.url = peer.url('');
      world.client.open(world.url);
    },
    signals: ['authenticationRequired', ...FAILED],
  },
  'a proxy that asks who is there': {
    begin: async (world) => {
      const peer = await RawPeer.listen();
      const proxy = await ConnectProxy.listen(peer.port);
      for (let times = 0; times < 4; times++) {
        proxy.refusals.push(
          'HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm="gate"\r\nContent-Length: 0\r\n\r\n',
        );
      }
      world.atTheEnd(() => proxy.close());
      world.atTheEnd(() => peer.close());
      world.client.setProxy(new QNetworkProxy(ProxyType.HttpProxy, '127.0.0.1', proxy.port));
      world.url = peer.url;
      world.client.open(world.url);
    },
    signals: [
      'proxyAuthenticationRequired',
      'stateChanged Unconnected',
      'disconnected',
      'errorOccurred',
      'error',
    ],
  },
};

describe('a slot of a client', () => {
  playSockets(lives, { ...ownActions, ...otherActions });
  playSockets(failures, decisiveActions);
});

import type { TlsOptions } from 'node:tls';
import { PauseMode } from '../../lib/network/qabstractsocket.ts';
import { SslProtocol } from '../../lib/ssl/qssl.ts';
import { SslMode } from '../../lib/websockets/qwebsocketserver-base.ts';
import { frame } from '../support/frames.ts';
import { identified } from '../support/secure-client.ts';
import { SecurePeer, showing, trusting } from '../support/secure-peer.ts';
import { decisiveActions } from './support/actions.ts';
import { playSockets, type Life } from './support/socket-play.ts';
import { World } from './support/world.ts';

const ENDED = ['stateChanged Unconnected', 'disconnected', 'readChannelFinished'];
const REFUSED = ['errorOccurred', 'error', ...ENDED];

interface Wishes {
  readonly options?: TlsOptions;
  /** Settles what the client wants before it opens. */
  readonly prepare?: (world: World) => void;
}

/** A peer of Node's, which greets and ends what comes through its handshakes. */
function secured(
  name: string,
  { options = {}, prepare }: Wishes = {},
): Pick<Life, 'setUp' | 'tearDown' | 'begin'> {
  let peer: SecurePeer;
  return {
    async setUp() {
      peer = await SecurePeer.listen({ ...showing(name), allowHalfOpen: false, ...options });
      void serve(peer);
    },
    tearDown: () => peer.close(),
    begin(world) {
      world.client.setSslConfiguration(trusting());
      prepare?.(world);
      world.url = peer.url;
      world.client.open(peer.url);
    },
  };
}

async function serve(peer: SecurePeer): Promise<never> {
  for (;;) {
    const connection = await peer.next();
    void connection.over.then(() => connection.socket.destroy());
    // A client that goes away is no failure of the peer.
    connection
      .accept('', Buffer.concat([frame(1, 'hello'), frame(8)]))
      .then(() => connection.socket.end())
      .catch(() => {});
  }
}

const lives: Readonly<Record<string, Life>> = {
  'a talk over TLS that the peer ends': {
    ...secured('server'),
    signals: [
      'stateChanged Connecting',
      'bytesWritten',
      'connected',
      'textMessageReceived hello',
      'aboutToClose',
      'disconnected',
      'alertSent',
    ],
  },
  'a connection over TLS that it gives up': {
    makeWorld: () => new World(SslMode.SecureMode),
    begin: (world) => {
      world.server.setSslConfiguration(identified());
      world.client.setSslConfiguration(trusting());
      world.listen();
      world.client.open(world.url);
    },
    after: { connected: ({ client }) => client.abort() },
    signals: ['disconnected', 'aboutToClose'],
  },
  'a peer that nobody trusts': {
    ...secured('self-signed'),
    signals: ['peerVerifyError', 'sslErrors', ...REFUSED, 'alertSent'],
  },
  'a peer that nobody trusts, in a pause': {
    ...secured('self-signed', {
      prepare: ({ client }) => client.setPauseMode(PauseMode.PauseOnSslErrors),
    }),
    after: { sslErrors: ({ client }) => client.resume() },
    signals: ['peerVerifyError', 'sslErrors', 'errorOccurred', 'disconnected'],
  },
  'a peer that is ignored to be untrusted': {
    ...secured('self-signed', { prepare: ({ client }) => client.ignoreSslErrors() }),
    signals: ['peerVerifyError', 'sslErrors', 'connected'],
  },
  'a handshake that is interrupted': {
    ...secured('self-signed', {
      prepare: ({ client }) => {
        const configuration = trusting();
        configuration.setHandshakeMustInterruptOnError(true);
        client.setSslConfiguration(configuration);
      },
    }),
    signals: ['handshakeInterruptedOnError', 'errorOccurred'],
  },
  'a peer that wants a key': {
    ...secured('server', {
      options: {
        ciphers: 'PSK',
        maxVersion: 'TLSv1.2',
        pskCallback: () => Buffer.alloc(16),
      } as unknown as TlsOptions,
      prepare: ({ client }) => {
        const configuration = trusting();
        configuration.setProtocol(SslProtocol.TlsV1_2);
        configuration.setCiphers('PSK');
        client.setSslConfiguration(configuration);
      },
    }),
    signals: ['preSharedKeyAuthenticationRequired', 'errorOccurred', 'disconnected'],
  },
  'a peer that gives TLS up': {
    ...secured('server', {
      options: { minVersion: 'TLSv1.3' },
      prepare: ({ client }) => {
        const configuration = trusting();
        configuration.setProtocol(SslProtocol.TlsV1_2);
        client.setSslConfiguration(configuration);
      },
    }),
    signals: ['alertReceived', 'errorOccurred', 'disconnected'],
  },
};

describe('a slot of a client over TLS', () => {
  playSockets(lives, decisiveActions);
});

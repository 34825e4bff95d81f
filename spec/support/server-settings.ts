import type { ServerSettings } from '../../lib/websockets/server-backend.ts';

/** Those of a server without a name that everybody may connect to; a handshake may take ten seconds. */
export const SERVER_SETTINGS: Readonly<ServerSettings> = {
  serverName: '',
  supportedSubprotocols: [],
  handshakeTimeout: 10_000,
  maxPendingHandshakes: -1,
  maxConnections: -1,
  maxConnectionsPerAddress: -1,
  isSecure: false,
};

import { checkServerIdentity, type ConnectionOptions, type PeerCertificate } from 'node:tls';
import { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import { PeerVerifyMode } from '../ssl/qsslsocket.ts';
import { clientTlsOptions } from '../ssl/tls-options.ts';
import type { BrokerHost } from './broker-url.ts';

/** What Node takes for the name of a server that has none. */
const NO_NAME = 'localhost';

/** What the clients of brokers tell Node for `configuration`: the broker has to prove who it is. */
export function brokerTlsOptions(
  configuration: QSslConfiguration | undefined,
  hosts: readonly BrokerHost[],
): ConnectionOptions {
  const chosen = configuration ?? QSslConfiguration.defaultConfiguration();
  const mode = chosen.peerVerifyMode();
  return {
    ...clientTlsOptions(chosen),
    rejectUnauthorized: mode !== PeerVerifyMode.VerifyNone && mode !== PeerVerifyMode.QueryPeer,
    checkServerIdentity: (name, certificate) => checkIdentity(name, certificate, hosts),
  };
}

/** The client of NATS names no server that it calls by its address, and Node would look for another. */
function checkIdentity(
  name: string,
  certificate: PeerCertificate,
  hosts: readonly BrokerHost[],
): Error | undefined {
  if (name !== NO_NAME) return checkServerIdentity(name, certificate);
  const errors = hosts.map((host) => checkServerIdentity(host.name, certificate));
  return errors.includes(undefined) ? undefined : errors[0];
}

import { explained, type FailureCause } from '../network/failure-text.ts';
import { SocketError } from '../network/qabstractsocket.ts';
import { ProxyType, QNetworkProxy } from '../network/qnetworkproxy.ts';
import type { OpenRefusal, OpenRequest } from '../websockets/socket-backend.ts';

/**
 * Why a platform that connects by itself cannot open `request`; undefined when it may try.
 *
 * @param whose says who chooses the proxies there.
 */
export function pageRefusal({ url, proxy }: OpenRequest, whose: string): OpenRefusal | undefined {
  const scheme = url.scheme();
  if (scheme !== 'ws' && scheme !== 'wss') {
    return unsupported(`Unsupported WebSocket scheme: ${scheme}`, {
      layer: 'request',
      detail: 'a URL begins with ws: or wss:',
    });
  }
  // Not to go through a proxy that was asked for would show the peer who it is.
  if (chosenType(proxy) !== ProxyType.NoProxy) {
    return unsupported('Operation on socket is not supported', { layer: 'proxy', detail: whose });
  }
  return undefined;
}

/** A refusal of what the platform cannot do. */
export function unsupported(words: string, cause: FailureCause): OpenRefusal {
  const error = SocketError.UnsupportedSocketOperationError;
  return { error, description: explained(words, cause) };
}

/** The kind that counts: what the application has chosen where the socket leaves it to that. */
function chosenType(proxy: QNetworkProxy): ProxyType {
  const type = proxy.type();
  return type === ProxyType.DefaultProxy ? QNetworkProxy.applicationProxy().type() : type;
}

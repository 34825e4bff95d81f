import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import type { QUrl } from '../network/qurl.ts';

/** A handshake that a server has accepted, as the socket made from it tells about it. */
export interface AcceptedHandshake {
  readonly url: QUrl;
  readonly headers: QHttpHeaders;
  readonly origin: string;
  readonly subprotocols: readonly string[];
}

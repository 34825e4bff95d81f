import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import type { QUrl } from '../network/qurl.ts';

/** A handshake that a server has accepted, as the socket made from it tells about it. */
export interface AcceptedHandshake {
  readonly origin: string;
  readonly written: AcceptedRequest;
}

/** What the socket keeps for those who ask later. */
export interface AcceptedRequest {
  readonly url: QUrl;
  readonly headers: QHttpHeaders;
  readonly subprotocols: readonly string[];
}

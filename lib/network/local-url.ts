import { percentDecode } from './percent-encoding.ts';
import { ComponentFormattingOption, QUrl } from './qurl.ts';

/** What a `ws+unix:` URL names. */
export interface LocalTarget {
  /** The name of the Unix-domain socket in the file system. */
  readonly socketPath: string;
  /** The path to ask the server for, percent-encoded; at least a slash. */
  readonly resourcePath: string;
}

/**
 * Takes the path of `ws+unix:/run/chat.sock:/room?query` apart, at its first colon; a colon in the
 * name of the socket is written `%3A`. So does the package ws.
 *
 * @returns undefined for URLs of other schemes.
 */
export function localTargetOf(url: QUrl): LocalTarget | undefined {
  if (url.scheme() !== 'ws+unix') return undefined;
  const path = url.path(ComponentFormattingOption.FullyEncoded);
  const colon = path.indexOf(':');
  const socketPath = percentDecode(colon < 0 ? path : path.slice(0, colon));
  const resourcePath = colon < 0 ? '' : path.slice(colon + 1);
  return {
    socketPath,
    resourcePath: resourcePath.startsWith('/') ? resourcePath : `/${resourcePath}`,
  };
}

/** The URL of the Unix-domain socket `socketPath`: `ws+unix:`, or `wss+unix:` with TLS. */
export function localUrlOf(socketPath: string, isSecure: boolean): QUrl {
  const path = socketPath.replace(/^\/+/, '/').replaceAll(/[%:?#]/g, encodeURIComponent);
  return new QUrl(`${isSecure ? 'wss' : 'ws'}+unix:${path}`);
}

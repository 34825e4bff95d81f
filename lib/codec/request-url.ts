import { QUrl } from '../network/qurl.ts';
import { isVisible } from './request-line.ts';

// In characters: longer ones are rare, and are not remembered.
const LONGEST_REMEMBERED = 64;

// Most clients of a server name the same host, which takes a microsecond to read.
let lastAuthority = '';
let lastHost = '';

/**
 * The host that a Host header names (RFC 9112 §3.2), in lower case, without port and brackets.
 *
 * @returns undefined when it names none.
 */
export function hostOf(authority: string): string | undefined {
  if (authority === lastAuthority && authority !== '') return lastHost;
  for (const delimiter of '/?#@\\') {
    if (authority.includes(delimiter)) return undefined;
  }
  if (!isVisible(authority)) return undefined;
  const url = new QUrl(`ws://${authority}`);
  if (!url.isValid() || url.host() === '') return undefined;
  if (authority.length <= LONGEST_REMEMBERED) {
    // A copy: a part of a request would keep all of that alive.
    lastAuthority = Buffer.from(authority, 'latin1').toString('latin1');
    lastHost = url.host();
  }
  return url.host();
}

/**
 * The URL that a request is for.
 *
 * @param target of the request: a path, as a rule, or a URL of HTTP (RFC 6455 §4.2.1) or of ours.
 * @param authority of its Host header, one that has a host.
 * @returns undefined when the target is a URL that no request can be for, or all is too long for one.
 */
export function requestUrl(target: string, authority: string, isSecure: boolean): QUrl | undefined {
  if (isAbsolute(target)) return readTarget(target);
  // Qt takes "*" and other targets without a slash for a path.
  const slash = target.startsWith('/') ? '' : '/';
  const url = new QUrl(`${isSecure ? 'wss' : 'ws'}://${authority}${slash}${target}`);
  return url.isValid() ? url : undefined;
}

/** Whether a target is a URL by itself (RFC 9112 §3.2.2). */
export function isAbsolute(target: string): boolean {
  return !target.startsWith('/') && target.includes('://');
}

function readTarget(target: string): QUrl | undefined {
  const url = new QUrl(target);
  const isWeb = /^(?:http|ws)s?$/.test(url.scheme());
  return isWeb && url.isValid() && url.host() !== '' && url.userInfo() === '' ? url : undefined;
}

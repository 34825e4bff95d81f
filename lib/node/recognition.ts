import type { Duplex } from 'node:stream';
import { readForwarded } from '../codec/forwarded.ts';
import { ForwardedHeader } from '../network/forwarded-header.ts';
import type { ServerSettings } from '../websockets/server-backend.ts';
import { hasLostPeer, noteEnds, peerOf } from './stream-ends.ts';

type Trust = Pick<Readonly<ServerSettings>, 'isSecure' | 'trustedProxies' | 'forwardedHeader'>;

/** How a client has made a request, whatever proxies have made of it since. */
export interface Recognized {
  readonly isSecure: boolean;
  /** In the place of the Host header, if proxies have said it. */
  readonly authority: string | undefined;
}

/** Whether the peer of `stream` is believed about whom it speaks for. */
export function isTrusted(stream: Duplex, { trustedProxies }: Trust): boolean {
  if (trustedProxies === undefined || hasLostPeer(stream)) return false;
  return trustedProxies.trusts(peerOf(stream).address);
}

/** Whether a request on `stream` may say that it comes from somebody else. */
export function mayBeForwarded(stream: Duplex, trust: Trust): boolean {
  const { forwardedHeader = ForwardedHeader.None } = trust;
  return forwardedHeader !== ForwardedHeader.None && isTrusted(stream, trust);
}

/**
 * Learns from the header of a request how it was made, and notes by whom: {@link peerOf} tells.
 *
 * @param fields name, value, name, value, …
 */
export function recognize(stream: Duplex, fields: readonly string[], trust: Trust): Recognized {
  const { isSecure, trustedProxies, forwardedHeader = ForwardedHeader.None } = trust;
  if (trustedProxies === undefined || !mayBeForwarded(stream, trust)) {
    return { isSecure, authority: undefined };
  }
  const before = peerOf(stream);
  const said = readForwarded(fields, forwardedHeader, before, (address) =>
    trustedProxies.trusts(address),
  );
  if (said.peer !== before) noteEnds(stream, { peer: said.peer });
  return { isSecure: said.isSecure ?? isSecure, authority: said.authority };
}

import type { FuzzTarget } from '../engine/fuzz-target.ts';
import { certificate } from './certificate.ts';
import { challenge } from './challenge.ts';
import { deflateNegotiation } from './deflate-negotiation.ts';
import { handshakeArguments } from './handshake-arguments.ts';
import { inflation } from './inflation.ts';
import { hostAddress } from './host-address.ts';
import { sending } from './sending.ts';
import { url } from './url.ts';
import { closePayload } from './close-payload.ts';
import { extensionHeader } from './extension-header.ts';
import { forwarded } from './forwarded.ts';
import { framesTarget } from './frames.ts';
import { pathPattern } from './path-pattern.ts';
import { proxyConnect } from './proxy-connect.ts';
import { proxyHeader } from './proxy-header.ts';
import { proxySocks5 } from './proxy-socks5.ts';
import { requestHead } from './request-head.ts';
import { responseHead } from './response-head.ts';
import { utf8 } from './utf8.ts';

/** Every parser that is fuzzed. */
export const targets: readonly FuzzTarget[] = [
  framesTarget(true),
  framesTarget(false),
  sending,
  requestHead,
  responseHead,
  extensionHeader,
  closePayload,
  proxyConnect,
  proxySocks5,
  proxyHeader,
  forwarded,
  pathPattern,
  challenge,
  deflateNegotiation,
  inflation,
  handshakeArguments,
  utf8,
  url,
  hostAddress,
  certificate,
];

import { QHostAddress } from '../network/qhostaddress.ts';
import { QUrl } from '../network/qurl.ts';

// As browsers write it (RFC 6454 §6.2): no path, no user, not more than one.
const WEB_ORIGIN = /^https?:\/\/[^/?#@\\\s]+$/i;

/**
 * Whether a request comes from a page that this machine has served, and was meant for this machine.
 *
 * Both have to be. That origin and host are the same name proves nothing: a hostile page may make
 * its own name point to 127.0.0.1 after it was loaded (DNS rebinding). A name that always means this
 * machine cannot be turned so. `null`, `file:` and other schemes may be anybody's.
 *
 * @param origin the value of Origin.
 * @param host that of the Host header, without port and brackets.
 */
export function isFromLocalPage(origin: string, host: string): boolean {
  if (!WEB_ORIGIN.test(origin)) return false;
  const page = new QUrl(origin);
  return page.isValid() && isLocalHost(page.host()) && isLocalHost(host);
}

function isLocalHost(host: string): boolean {
  // RFC 6761 §6.3: names below localhost never leave the machine.
  const isLocalName = host === 'localhost' || host.endsWith('.localhost');
  return isLocalName || new QHostAddress(host).isLoopback();
}

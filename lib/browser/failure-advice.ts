import type { OpenRequest } from '../websockets/socket-backend.ts';

/** As much of a page's or worker's `location` as is used here. */
interface Place {
  readonly protocol: string;
}

/** Why the attempt may have failed that the browser says nothing about, and where it says more. */
export function adviceFor({ url, origin, headers, subprotocols }: OpenRequest): string {
  const { location } = globalThis as unknown as { readonly location?: Place };
  const advice: string[] = [];
  if (location?.protocol === 'https:' && url.scheme() === 'ws') {
    advice.push('A page that came by https: has to open wss:.');
  }
  if (subprotocols.length > 0) {
    advice.push('A server that takes none of the subprotocols is refused.');
  }
  if (origin !== '' || headers.size() > 0) {
    advice.push('Origin and headers of the request were not sent: browsers send their own.');
  }
  advice.push("The browser's console may say why.");
  return advice.join(' ');
}

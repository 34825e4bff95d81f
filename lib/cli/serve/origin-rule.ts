import type { QWebSocketServer } from '../../index.ts';

/** Lets in pages of `origins` only, and programs, which name none; with no origins, Qt's default stays. */
export function applyOriginRule(server: QWebSocketServer, origins: readonly string[]): void {
  if (origins.length === 0) return;
  server.originAuthenticationRequired.connect((authenticator) => {
    const origin = authenticator.origin();
    authenticator.setAllowed(origin === '' || origins.includes(origin));
  });
}

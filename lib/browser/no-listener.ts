import { explained } from '../network/failure-text.ts';
import { QHostAddress } from '../network/qhostaddress.ts';
import type { QSslConfiguration } from '../ssl/qsslconfiguration.ts';
import type { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import type { ServerBackend } from '../websockets/server-backend.ts';
import { ServerCounters } from '../websockets/server-counters.ts';
import type { ServerStatistics } from '../websockets/server-statistics.ts';
import { NO_TLS } from './no-tls.ts';

/** Stands below a QWebSocketServer where nobody can connect: it refuses to listen, and says why. */
export class NoListener implements ServerBackend {
  listen(): string {
    return explained('Operation on socket is not supported', {
      layer: 'browser',
      detail: 'pages and workers cannot be connected to',
      advice: 'Servers run in Node, or in the main process of Electron.',
    });
  }

  listenLocal(): string {
    return this.listen();
  }

  setSocketDescriptor(): string {
    return this.listen();
  }

  attach(): string {
    return '';
  }

  detach(): void {}
  handleConnection(): void {}
  handleUpgrade(): void {}
  close(): void {}
  abortConnections(): void {}
  pauseAccepting(): void {}
  resumeAccepting(): void {}

  sockets(): QWebSocketBase[] {
    return [];
  }

  statistics(): ServerStatistics {
    return new ServerCounters().statistics(0);
  }

  isListening(): boolean {
    return false;
  }

  address(): QHostAddress {
    return new QHostAddress();
  }

  isOnLoopback(): boolean {
    return false;
  }

  port(): number {
    return 0;
  }

  localPath(): string {
    return '';
  }

  socketDescriptor(): number {
    return -1;
  }

  sslConfiguration(): QSslConfiguration {
    return NO_TLS;
  }

  /** Takes none, without a word: `listen()` has one. */
  setSslConfiguration(): string {
    return '';
  }
}

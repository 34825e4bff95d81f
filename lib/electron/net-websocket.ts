import type { AnyQObject } from '../core/any-qobject.ts';
import { NativeBackend } from '../browser/native-backend.ts';
import type { NativeWebSocket } from '../browser/native-websocket.ts';
import type { QHttpHeaders } from '../network/qhttpheaders.ts';
import { QWebSocketBase } from '../websockets/qwebsocket-base.ts';
import { Version } from '../websockets/qwebsocketprotocol.ts';
import type { OpenRequest } from '../websockets/socket-backend.ts';

/** What is used of Electron's `net`. */
export interface NetModule {
  // What it takes and makes is as its documentation says; the types of Electron name less of it.
  readonly WebSocket: new (url: string, options: never) => object;
}

/** With what a {@link NetWebSocket} connects, as Electron's `WebSocketOptions`. */
export interface NetWebSocketOptions {
  /** The Session whose proxies, certificates and cookies count; the default one unless given. */
  readonly session?: object;
  /** The name of its partition, instead. */
  readonly partition?: string;
  /** Whether to send and keep the session's cookies; not unless it is true. */
  readonly useSessionCookies?: boolean;
}

/** What Chromium writes itself. */
const HANDSHAKE_HEADER = /^(?:host|connection|upgrade|origin|sec-websocket-.*)$/i;

/**
 * A WebSocket client over Electron's `net.WebSocket`: its connections go through Chromium's network
 * service, with the system's proxies, PAC scripts and trust store.
 *
 * For the main process, once the application is ready, with Electron 42.7, 43.2, 44 or later. What
 * Chromium does not let programs do, such as pinging, does nothing here: docs/electron.md has the
 * list.
 *
 * @see https://doc.qt.io/qt-6/qwebsocket.html
 */
export class NetWebSocket extends QWebSocketBase {
  /**
   * @param net Electron's.
   * @param origin the value of the `Origin` header; with an empty one, Electron sends that of the
   *   URL, with http or https as its scheme.
   * @param version is only remembered: the protocol spoken is always 13.
   * @param parent destroys the socket when it is destroyed itself.
   * @throws TypeError for a `net` without WebSocket, as that of older Electrons.
   */
  constructor(
    net: NetModule,
    options: NetWebSocketOptions = {},
    origin = '',
    version: Version = Version.VersionLatest,
    parent: AnyQObject | null = null,
  ) {
    const { WebSocket } = net as {
      WebSocket?: new (url: string, options: object) => NativeWebSocket;
    };
    if (typeof WebSocket !== 'function') {
      throw new TypeError('net.WebSocket needs Electron 42.7, 43.2, 44 or later.');
    }
    super(origin, version, parent, (events, settings) => {
      return new NativeBackend(
        events,
        settings,
        (url, protocols, request) => new WebSocket(url, optionsFor(request, protocols, options)),
      );
    });
  }
}

function optionsFor(
  { origin, headers }: OpenRequest,
  protocols: readonly string[],
  options: NetWebSocketOptions,
): object {
  const wanted = headers.value('origin') || origin;
  return {
    ...options,
    ...(wanted === '' ? {} : { origin: wanted }),
    ...(protocols.length === 0 ? {} : { protocols: [...protocols] }),
    headers: recordOf(headers),
  };
}

/** Electron takes one value for each name. */
function recordOf(headers: QHttpHeaders): Record<string, string> {
  const names = headers.toListOfPairs().map(([name]) => name.toLowerCase());
  const own = [...new Set(names)].filter((name) => !HANDSHAKE_HEADER.test(name));
  return Object.fromEntries(own.map((name) => [name, headers.combinedValue(name)]));
}

import type { SocketError } from '../../network/qabstractsocket.ts';
import type { QWebSocketBase } from '../../websockets/qwebsocket-base.ts';
import type { QWebSocketServerBase } from '../../websockets/qwebsocketserver-base.ts';
import type { RefusalReason, TrafficStatistics } from '../../websockets/server-statistics.ts';

/** What all messages of our channels have (not in Qt). */
export interface ConnectionMessage {
  /** The same in all messages about a connection, and no other one of this process has it. */
  readonly id: number;
  /** When it happened, as `performance.now()` counts. */
  readonly time: number;
}

/** One about a socket. */
export interface SocketMessage extends ConnectionMessage {
  /** Whose connection it is; by now it may have another one. */
  readonly socket: QWebSocketBase | undefined;
}

/** One about a client that has come to a server, before there is a socket. */
export interface ServerMessage extends ConnectionMessage {
  readonly server: QWebSocketServerBase | undefined;
}

/** The ends of a connection; empty and 0 for streams that have none. */
export interface EndsMessage {
  readonly localAddress: string;
  readonly localPort: number;
  readonly peerAddress: string;
  readonly peerPort: number;
}

/** What was agreed on with TLS. */
export interface SecuredMessage {
  /** Such as `TLSv1.3`. */
  readonly protocol: string;
  /** OpenSSL's name. */
  readonly cipher: string;
  /** What ALPN has chosen, or ''. */
  readonly applicationProtocol: string;
  /** Whether a session of before was taken up again. */
  readonly isResumed: boolean;
}

/** A head of HTTP, without what may be a secret. */
export interface HeadMessage {
  /** Names as written, and values: `***` but for some headers that hold no secrets. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A message, a Ping or a Pong. Of its payload only the size is told. */
export interface PayloadMessage extends SocketMessage {
  /** In bytes; of text in UTF-8, and of what is compressed before it was. */
  readonly size: number;
}

/**
 * The channels of `node:diagnostics_channel`, and what is published there (not in Qt, and in Node
 * only).
 *
 * A message is published right after the code that runs when it happens, in a microtask, in the
 * order of what happens. There is none while nobody has subscribed.
 */
export interface DiagnosticsMessages {
  /** `open()` has begun an attempt. */
  'qwebsockets:client:start': SocketMessage & {
    /** Without user, password and query. */
    readonly url: string;
  };
  /** It is known how to get there; again for a login that needs another connection. */
  'qwebsockets:client:route': SocketMessage & {
    /** `shared` is a connection of HTTP/2 that is there. */
    readonly route: 'direct' | 'local' | 'HTTP proxy' | 'SOCKS 5 proxy' | 'shared';
    /** The proxy, `host:port`, or ''. */
    readonly proxy: string;
  };
  /** A name was looked up; once for each address, or with the error. */
  'qwebsockets:client:lookup': SocketMessage & {
    readonly host: string;
    readonly address: string;
    /** The system's code, such as `ENOTFOUND`, or ''. */
    readonly error: string;
  };
  /** There is a TCP connection to the peer or to the proxy. */
  'qwebsockets:client:connect': SocketMessage & EndsMessage;
  /** A proxy has answered whether it leads on. */
  'qwebsockets:client:tunnel': SocketMessage & {
    readonly proxy: string;
    /** Where it is to lead. */
    readonly target: string;
    readonly isOpen: boolean;
    /** Of an HTTP proxy; 0 of others. */
    readonly status: number;
  };
  /** TLS is up, with a peer that was verified, or that the application goes on with. */
  'qwebsockets:client:secured': SocketMessage &
    SecuredMessage & {
      /** Whether it is TLS to an encrypted proxy. */
      readonly isToProxy: boolean;
    };
  /** The upgrade request goes out; again after a login. */
  'qwebsockets:client:request': SocketMessage &
    HeadMessage & {
      /** The path, without the query. */
      readonly path: string;
    };
  /** The answer to it has come. */
  'qwebsockets:client:response': SocketMessage &
    HeadMessage & {
      readonly status: number;
    };
  /** The server or a proxy wants to know who asks. */
  'qwebsockets:client:challenge': SocketMessage & {
    /** 401, 407, or 0 for a proxy that does not speak HTTP. */
    readonly status: number;
    readonly isByProxy: boolean;
    /** Whether there is a user and a password to try. */
    readonly isAnswered: boolean;
  };
  /** The attempt has come to nothing. Ends it, as `qwebsockets:socket:open` does. */
  'qwebsockets:client:failed': SocketMessage & {
    readonly error: SocketError;
    /** The name of the error, such as `HostNotFoundError`. */
    readonly errorName: string;
    /** As `errorString()` says it; '' when the program has given it up. */
    readonly description: string;
    /** Milliseconds since the start. */
    readonly duration: number;
  };
  /** A client has come. */
  'qwebsockets:server:connection': ServerMessage & EndsMessage;
  /** TLS is up with it. */
  'qwebsockets:server:secured': ServerMessage & SecuredMessage;
  /** Its request has come whole. */
  'qwebsockets:server:request': ServerMessage &
    EndsMessage &
    HeadMessage & {
      /** The path, without the query. */
      readonly path: string;
    };
  /** No WebSocket comes of it. Ends it, as `qwebsockets:socket:open` does. */
  'qwebsockets:server:refused': ServerMessage & {
    readonly reason: RefusalReason;
    /** What it was answered with; 0 when it was cut, or has gone. */
    readonly status: number;
  };
  /** The opening handshake has succeeded, on either side. */
  'qwebsockets:socket:open': SocketMessage &
    EndsMessage & {
      readonly side: 'client' | 'server';
      /** A long one, which may be a token, is cut. */
      readonly subprotocol: string;
      readonly extensions: string;
    };
  'qwebsockets:socket:messageReceived': PayloadMessage & { readonly isText: boolean };
  'qwebsockets:socket:messageSent': PayloadMessage & { readonly isText: boolean };
  'qwebsockets:socket:pingReceived': PayloadMessage;
  'qwebsockets:socket:pingSent': PayloadMessage;
  'qwebsockets:socket:pongReceived': PayloadMessage;
  'qwebsockets:socket:pongSent': PayloadMessage;
  /** The first Close frame has come, or was sent. */
  'qwebsockets:socket:closing': SocketMessage & {
    readonly isByPeer: boolean;
    readonly code: number;
    readonly reason: string;
  };
  /** The connection is gone. Comes last. */
  'qwebsockets:socket:end': SocketMessage &
    TrafficStatistics & {
      readonly isByPeer: boolean;
      /** 1006 when there was no Close frame. */
      readonly code: number;
      /** What has broken it off, such as `RemoteHostClosedError`, or ''. */
      readonly errorName: string;
      /** The same in words, or ''. */
      readonly description: string;
      /** Milliseconds since it was opened. */
      readonly duration: number;
    };
}

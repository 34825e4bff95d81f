import type { QUrl, QWebSocket } from '../../index.ts';

/** Where a program's connection came in. */
export interface ServerName {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
}

/** Names that only a request may set, so that no old value passes for one of its own. */
const CGI_NAMES = new Set([
  'GATEWAY_INTERFACE',
  'HTTPS',
  'PATH_INFO',
  'QUERY_STRING',
  'REMOTE_ADDR',
  'REMOTE_PORT',
  'REQUEST_METHOD',
  'REQUEST_URI',
  'SERVER_NAME',
  'SERVER_PORT',
  'SERVER_PROTOCOL',
  'SERVER_SOFTWARE',
]);

/**
 * Fields that do not become variables: secrets of the client, which other programs of the user could
 * read (RFC 3875 §4.1.18), and `Proxy`, which would become the HTTP_PROXY of what the program calls.
 */
const WITHHELD = new Set(['authorization', 'proxy-authorization', 'proxy']);

/**
 * The variables for a program that serves `socket`: those of CGI (RFC 3875) over `inherited`, of
 * which those with such names are left out.
 */
export function requestEnvironment(
  socket: QWebSocket,
  server: ServerName,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  const url = socket.requestUrl();
  return {
    ...ownVariables(inherited),
    ...fieldVariables(socket),
    GATEWAY_INTERFACE: 'CGI/1.1',
    REQUEST_METHOD: 'GET',
    REQUEST_URI: requestUriOf(url),
    PATH_INFO: decodedPath(url),
    QUERY_STRING: url.toURL().search.slice(1),
    REMOTE_ADDR: socket.peerAddress().toString(),
    REMOTE_PORT: String(socket.peerPort()),
    SERVER_NAME: server.host,
    SERVER_PORT: String(server.port),
    SERVER_PROTOCOL: 'HTTP/1.1',
    SERVER_SOFTWARE: 'qws',
    ...(server.isSecure ? { HTTPS: 'on' } : {}),
  };
}

function ownVariables(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isOwn = ([name]: [string, unknown]) => !CGI_NAMES.has(name) && !name.startsWith('HTTP_');
  return Object.fromEntries(Object.entries(inherited).filter(isOwn));
}

function fieldVariables(socket: QWebSocket): NodeJS.ProcessEnv {
  const request = socket.request();
  const variables: NodeJS.ProcessEnv = {};
  for (const field of request.rawHeaderList()) {
    // With an underscore it would share its variable with another field.
    if (WITHHELD.has(field) || !/^[a-z0-9-]+$/.test(field)) continue;
    const value = request.rawHeader(field);
    variables[`HTTP_${field.toUpperCase().replaceAll('-', '_')}`] = value.replaceAll(
      /\p{Cc}/gu,
      ' ',
    );
  }
  return variables;
}

function requestUriOf(url: QUrl): string {
  const { pathname, search } = url.toURL();
  return pathname + search;
}

/** The path, decoded where that gives text that a variable can hold. */
function decodedPath(url: QUrl): string {
  return url.toURL().pathname.replaceAll(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      const decoded = decodeURIComponent(encoded);
      return /\p{Cc}/u.test(decoded) ? encoded : decoded;
    } catch {
      return encoded;
    }
  });
}

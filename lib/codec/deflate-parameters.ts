import { parseElement, splitList, type ListElement } from './header-list.ts';

/** The extension's name (RFC 7692 §7). */
const NAME = 'permessage-deflate';

const LARGEST_WINDOW = 15;

// zlib compresses with 2^9 bytes where it is asked for 2^8, which the peer could not inflate.
const SMALLEST_OWN_WINDOW = 9;

const SERVER_TAKEOVER = 'server_no_context_takeover';
const CLIENT_TAKEOVER = 'client_no_context_takeover';
const SERVER_WINDOW = 'server_max_window_bits';
const CLIENT_WINDOW = 'client_max_window_bits';

/** The parameters of permessage-deflate: what one side wants, or both have agreed on (RFC 7692 §7.1). */
export interface DeflateParameters {
  /** Whether the server compresses each message by itself. */
  readonly serverNoContextTakeover: boolean;
  /** Whether the client does. */
  readonly clientNoContextTakeover: boolean;
  /** How far back what the server sends may refer: 2^8 to 2^15 bytes. */
  readonly serverMaxWindowBits: number;
  /** The same for what the client sends. */
  readonly clientMaxWindowBits: number;
}

/** What was agreed on. */
export interface DeflateAgreement {
  readonly parameters: DeflateParameters;
  /** The value of Sec-WebSocket-Extensions in the server's answer. */
  readonly extensions: string;
}

/** The one offer of a client that wants `wanted` (RFC 7692 §7.1): its limits are not negotiable. */
export function writeDeflateOffer(wanted: DeflateParameters): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = wanted;
  return [
    NAME,
    ...takeoversOf(wanted),
    ...(serverMaxWindowBits < LARGEST_WINDOW ? [`${SERVER_WINDOW}=${serverMaxWindowBits}`] : []),
    // Without a value it says that the server may ask for any limit.
    clientMaxWindowBits < LARGEST_WINDOW
      ? `${CLIENT_WINDOW}=${clientMaxWindowBits}`
      : CLIENT_WINDOW,
  ].join('; ');
}

/**
 * Takes the first offer that a server with the limits `wanted` can accept (RFC 7692 §5, §7.1).
 *
 * Declined are offers with parameters that are unknown, repeated or have no valid value; those that
 * ask for a window of 2^8 bytes, which zlib cannot do; and, when `wanted` limits the client's window,
 * those of clients that do not say they could keep to it.
 *
 * @param extensions the elements of Sec-WebSocket-Extensions, as written.
 * @returns `undefined` when there is none.
 */
export function acceptDeflateOffer(
  extensions: readonly string[],
  wanted: DeflateParameters,
): DeflateAgreement | undefined {
  for (const text of extensions) {
    const element = parseElement(text);
    const agreement = element?.name === NAME ? acceptOne(element, wanted) : undefined;
    if (agreement !== undefined) return agreement;
  }
  return undefined;
}

/**
 * Reads the server's answer to {@link writeDeflateOffer} (RFC 7692 §5, §7.1).
 *
 * @param value Sec-WebSocket-Extensions, all of its lines.
 * @returns what is wrong with it, in a sentence, when the connection has to fail.
 */
export function readDeflateAnswer(
  value: string,
  wanted: DeflateParameters,
): DeflateAgreement | string {
  const elements = splitList(value).map(parseElement);
  const [element] = elements;
  if (element === undefined || elements.length > 1) return wrongAnswer(value);
  const parameters = readParameters(element);
  if (parameters === undefined) return wrongAnswer(value);

  const server = windowOf(parameters, SERVER_WINDOW);
  const client = windowOf(parameters, CLIENT_WINDOW);
  const isServerFree = !wanted.serverNoContextTakeover || parameters.has(SERVER_TAKEOVER);
  const isWithinLimits =
    server <= wanted.serverMaxWindowBits &&
    (client <= wanted.clientMaxWindowBits || !parameters.has(CLIENT_WINDOW));
  // In an answer the client's window has a value.
  const hasValue = parameters.get(CLIENT_WINDOW) !== '';
  if (!isServerFree || !isWithinLimits || !hasValue) return wrongAnswer(value);
  return {
    extensions: value,
    parameters: {
      serverNoContextTakeover: parameters.has(SERVER_TAKEOVER),
      clientNoContextTakeover: wanted.clientNoContextTakeover || parameters.has(CLIENT_TAKEOVER),
      serverMaxWindowBits: server,
      clientMaxWindowBits: Math.min(client, wanted.clientMaxWindowBits),
    },
  };
}

/** Whether zlib can compress for a peer that keeps so much. */
export function canDeflate(windowBits: number): boolean {
  return windowBits >= SMALLEST_OWN_WINDOW;
}

function acceptOne(element: ListElement, wanted: DeflateParameters): DeflateAgreement | undefined {
  const offered = readParameters(element);
  if (offered === undefined) return undefined;
  const serverMaxWindowBits = Math.min(
    windowOf(offered, SERVER_WINDOW),
    wanted.serverMaxWindowBits,
  );
  if (!canDeflate(serverMaxWindowBits)) return undefined;
  const isLimitable = offered.has(CLIENT_WINDOW);
  if (!isLimitable && wanted.clientMaxWindowBits < LARGEST_WINDOW) return undefined;

  const parameters: DeflateParameters = {
    serverNoContextTakeover: wanted.serverNoContextTakeover || offered.has(SERVER_TAKEOVER),
    clientNoContextTakeover: wanted.clientNoContextTakeover || offered.has(CLIENT_TAKEOVER),
    serverMaxWindowBits,
    clientMaxWindowBits: Math.min(windowOf(offered, CLIENT_WINDOW), wanted.clientMaxWindowBits),
  };
  return { parameters, extensions: writeAnswer(parameters, offered.has(SERVER_WINDOW)) };
}

function writeAnswer(parameters: DeflateParameters, isServerWindowAsked: boolean): string {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const namesServerWindow = isServerWindowAsked || serverMaxWindowBits < LARGEST_WINDOW;
  return [
    NAME,
    ...takeoversOf(parameters),
    ...(namesServerWindow ? [`${SERVER_WINDOW}=${serverMaxWindowBits}`] : []),
    ...(clientMaxWindowBits < LARGEST_WINDOW ? [`${CLIENT_WINDOW}=${clientMaxWindowBits}`] : []),
  ].join('; ');
}

function takeoversOf(parameters: DeflateParameters): string[] {
  return [
    ...(parameters.serverNoContextTakeover ? [SERVER_TAKEOVER] : []),
    ...(parameters.clientNoContextTakeover ? [CLIENT_TAKEOVER] : []),
  ];
}

/**
 * The parameters by name, '' where there is no value.
 *
 * @returns `undefined` when it is another extension, or one is unknown, repeated, or has no valid value.
 */
function readParameters(element: ListElement): Map<string, string> | undefined {
  if (element.name !== NAME) return undefined;
  const read = new Map<string, string>();
  for (const { name, value } of element.parameters) {
    if (read.has(name) || !isValid(name, value)) return undefined;
    read.set(name, value ?? '');
  }
  return read;
}

function isValid(name: string, value: string | undefined): boolean {
  if (name === SERVER_TAKEOVER || name === CLIENT_TAKEOVER) return value === undefined;
  if (name === CLIENT_WINDOW && value === undefined) return true;
  const isWindow = name === SERVER_WINDOW || name === CLIENT_WINDOW;
  // A decimal number from 8 to 15, without leading zeros.
  return isWindow && value !== undefined && /^(?:[89]|1[0-5])$/.test(value);
}

function windowOf(parameters: ReadonlyMap<string, string>, name: string): number {
  return Number(parameters.get(name) || LARGEST_WINDOW);
}

function wrongAnswer(value: string): string {
  return `The server's answer "${value}" does not suit the compression that was offered.`;
}

import {
  alone,
  BRIDGE_VERSION,
  type Ask,
  type BridgeLimits,
  type BridgeRequest,
} from './bridge-messages.ts';

// A page may say anything: it may show what others have written, and be taken over by it.

const LONGEST_URL = 8 * 1024;
const LONGEST_HEADER = 8 * 1024;
const MOST_HEADERS = 100;
const MOST_SUBPROTOCOLS = 32;
const LONGEST_SUBPROTOCOL = 128;
const LONGEST_ORIGIN = 1024;
const LONGEST_REASON = 123;
const LONGEST_PING = 125;

type Fields = Readonly<Record<string, unknown>>;

/** What a page wants to open; a sentence where it makes no sense. */
export function readRequest(data: unknown): BridgeRequest | string {
  if (!isFields(data)) return 'It is no request.';
  const { version, url, origin, subprotocols, headers, isCompressionWanted, limits } = data;
  if (version !== BRIDGE_VERSION) {
    return 'Page and main process have different versions of qwebsockets: bundle the page anew.';
  }
  const target = isText(url, LONGEST_URL) ? readUrl(url) : undefined;
  if (target === undefined) return 'It has no URL of a WebSocket.';
  if (!isText(origin, LONGEST_ORIGIN)) return 'Its origin is no text, or too long.';
  if (!isListOf(subprotocols, MOST_SUBPROTOCOLS, isSubprotocol)) {
    return 'Its subprotocols are no list of names, or too many.';
  }
  if (!isListOf(headers, MOST_HEADERS, isHeader)) {
    return 'Its headers are no list of names and values, or too many.';
  }
  if (typeof isCompressionWanted !== 'boolean') return 'It does not say whether to compress.';
  const read = readLimits(limits);
  if (read === undefined) return 'Its limits are no numbers.';
  // Made anew: nothing else of what has come is looked at again.
  return {
    version,
    url: target,
    origin,
    subprotocols: [...subprotocols],
    headers: headers.map(([name, value]) => [name, value] as const),
    isCompressionWanted,
    limits: read,
  };
}

/**
 * What a page asks for; undefined where it makes no sense.
 *
 * @param maxMessageSize the largest message that it may send, in bytes.
 */
export function readAsk(data: unknown, maxMessageSize: number): Ask | undefined {
  if (!isFields(data)) return undefined;
  const { ask, text, bytes, compress, code, reason, cost } = data;
  if (compress !== undefined && typeof compress !== 'boolean') return undefined;
  switch (ask) {
    case 'text':
      // Its UTF-8 form is no shorter.
      return isText(text, maxMessageSize) ? { ask, text, compress } : undefined;
    case 'binary': {
      const read = readBytes(bytes, maxMessageSize);
      return read && { ask, bytes: read, compress };
    }
    case 'ping': {
      const read = readBytes(bytes, LONGEST_PING);
      return read && { ask, bytes: read };
    }
    case 'close':
      if (typeof code !== 'number' || !isText(reason, LONGEST_REASON)) return undefined;
      return { ask, code, reason };
    case 'more':
      if (typeof cost !== 'number' || !Number.isSafeInteger(cost) || cost < 0) return undefined;
      return { ask, cost };
    case 'leave':
      return { ask };
    default:
      return undefined;
  }
}

function readLimits(data: unknown): BridgeLimits | undefined {
  if (!isFields(data)) return undefined;
  const { maxIncomingFrameSize, maxIncomingMessageSize, closeTimeout, incompleteMessageTimeout } =
    data;
  if (!isSize(maxIncomingFrameSize) || !isSize(maxIncomingMessageSize)) return undefined;
  if (!isTimeout(closeTimeout) || !isTimeout(incompleteMessageTimeout)) return undefined;
  return { maxIncomingFrameSize, maxIncomingMessageSize, closeTimeout, incompleteMessageTimeout };
}

function readBytes(data: unknown, longest: number): Uint8Array | undefined {
  if (!ArrayBuffer.isView(data) || data.byteLength > longest) return undefined;
  // A few bytes may come with all the memory that the page had them in, which would wait with them.
  return alone(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function isFields(data: unknown): data is Fields {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

function isText(data: unknown, longest: number): data is string {
  return typeof data === 'string' && data.length <= longest;
}

function isListOf<T>(
  data: unknown,
  most: number,
  isItem: (item: unknown) => item is T,
): data is readonly T[] {
  return Array.isArray(data) && data.length <= most && data.every(isItem);
}

function isSubprotocol(item: unknown): item is string {
  return isText(item, LONGEST_SUBPROTOCOL);
}

function isHeader(item: unknown): item is readonly [string, string] {
  return (
    Array.isArray(item) && item.length === 2 && item.every((part) => isText(part, LONGEST_HEADER))
  );
}

function isSize(data: unknown): data is number {
  return typeof data === 'number' && Number.isSafeInteger(data) && data >= 0;
}

function isTimeout(data: unknown): data is number {
  return typeof data === 'number' && !Number.isNaN(data);
}

/** Not those of the file system: what listens there takes everybody for a user of this machine. */
function readUrl(text: string): string | undefined {
  if (!/^wss?:\/\/./i.test(text) || !URL.canParse(text)) return undefined;
  // What is judged is what is opened: no `/public/../admin`, which many servers take for `/admin`,
  // and no spelling that two parsers understand in two ways.
  const url = new URL(text);
  url.hash = '';
  return url.href;
}

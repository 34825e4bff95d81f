/** What a client may ask for. */
export type Request =
  | { readonly type: 'subscribe' | 'unsubscribe'; readonly symbols: readonly string[] }
  | { readonly type: 'list' }
  | { readonly type: 'ping'; readonly id: number };

/** The price of a symbol at a time, as clients see it. */
export interface Quote {
  readonly symbol: string;
  readonly price: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The difference to the price with which the symbol started. */
  readonly change: number;
}

/** What the server says. */
export type Reply =
  | { readonly type: 'symbols'; readonly symbols: readonly string[] }
  /** All that the client is subscribed to now. The price of what has come to it follows. */
  | { readonly type: 'subscribed'; readonly symbols: readonly string[] }
  | ({ readonly type: 'price' } & Quote)
  | { readonly type: 'pong'; readonly id: number }
  | { readonly type: 'error'; readonly message: string };

/** More symbols than this in one request are refused. */
export const MAX_SYMBOLS = 100;

/** A request that cannot be met. Its message is meant for the client. */
export class BadRequest extends Error {}

/**
 * Reads a client's message.
 *
 * @throws BadRequest when the message is no request, or names a symbol that is not in `known`
 */
export function parseRequest(text: string, known: { has(symbol: string): boolean }): Request {
  const request = parseObject(text);
  switch (request['type']) {
    case 'subscribe':
    case 'unsubscribe':
      return { type: request['type'], symbols: checkSymbols(request['symbols'], known) };
    case 'list':
      return { type: 'list' };
    case 'ping':
      return { type: 'ping', id: checkId(request['id']) };
    case undefined:
      throw new BadRequest('The message has no "type".');
    default:
      throw new BadRequest(`The type ${quoted(request['type'])} is unknown.`);
  }
}

/** Writes a server's message. */
export function writeReply(reply: Reply): string {
  return JSON.stringify(reply);
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new BadRequest('The message is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new BadRequest('The message is not a JSON object.');
  }
  return value as Record<string, unknown>;
}

function checkSymbols(value: unknown, known: { has(symbol: string): boolean }): string[] {
  if (!Array.isArray(value) || value.length === 0) {
    throw new BadRequest('"symbols" must be a list with at least one symbol.');
  }
  if (value.length > MAX_SYMBOLS) {
    throw new BadRequest(`No more than ${MAX_SYMBOLS} symbols can be named at once.`);
  }
  return value.map((symbol: unknown) => {
    if (typeof symbol !== 'string') throw new BadRequest('A symbol must be a string.');
    if (!known.has(symbol)) throw new BadRequest(`The symbol ${quoted(symbol)} is unknown.`);
    return symbol;
  });
}

function checkId(value: unknown): number {
  if (typeof value !== 'number') throw new BadRequest('"id" must be a number.');
  return value;
}

/** A client's own words, but not a megabyte of them. */
function quoted(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 20)) : 'of this message';
}

import type { Quote } from './protocol.ts';

/** What a server says, as far as a terminal client needs it. */
export type News =
  | ({ readonly type: 'price' } & Quote)
  | { readonly type: 'error'; readonly message: string }
  | { readonly type: 'subscribed' | 'symbols' | 'pong' };

/** Reads a server's message; undefined when it is none of a stock ticker. */
export function readNews(text: string): News | undefined {
  let news: unknown;
  try {
    news = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof news !== 'object' || news === null) return undefined;
  const { type, message } = news as { readonly type?: unknown; readonly message?: unknown };
  if (type === 'price') return isQuote(news) ? { ...news, type } : undefined;
  if (type === 'error')
    return { type, message: typeof message === 'string' ? withoutControls(message) : '' };
  if (type === 'subscribed' || type === 'symbols' || type === 'pong') return { type };
  return undefined;
}

function isQuote(value: object): value is Quote {
  const { symbol, price, time, change } = value as Record<keyof Quote, unknown>;
  return (
    typeof symbol === 'string' &&
    /^[\w.-]{1,20}$/.test(symbol) &&
    [price, time, change].every((number) => Number.isFinite(number))
  );
}

/** Text of a server that can be printed: a terminal would obey its control characters. */
export function withoutControls(text: string): string {
  return text.replaceAll(/\p{Cc}/gu, '\ufffd');
}

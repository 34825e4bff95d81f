import { once } from 'node:events';
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a server has answered. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * The answer to a request over a connection of its own, redirections as they are. Those of `fetch()`
 * stay for a while, and its timers get into the clocks of other specs.
 */
export async function answerOf(url: string | URL, method = 'GET'): Promise<Answer> {
  const asked = request(url, { method, agent: false }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(response);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}

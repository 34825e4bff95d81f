import { payloadsOf } from './frames.mjs';

/**
 * What a client is to do, from the arguments that `echo.mjs` gives it.
 *
 * To send only is to send `inFlight` messages whenever the system has taken the ones before, on
 * the next turn of the event loop: as long as the system takes all at once, a program that goes on
 * from within the callback never gets to anything else.
 */
export function loadOf([, , port, direction, kind, size, connections, inFlight]) {
  const payloads = payloadsOf(kind, Number(size), Number(inFlight));
  const isText = kind !== 'binary';
  const contents = isText ? payloads.map(String) : payloads;
  let next = 0;
  return {
    port: Number(port),
    url: `ws://127.0.0.1:${port}/`,
    /** @type {string} echo, send or receive */
    direction,
    isText,
    payloads,
    /** What to send next. */
    content: () => contents[next++ % contents.length],
    connections: Number(connections),
    inFlight: Number(inFlight),
  };
}

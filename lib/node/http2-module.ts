import type http2 from 'node:http2';

/**
 * node:http2, which is loaded when it is first needed: it takes 5 ms and half a megabyte, and most programs
 * never do.
 */
export function http2Module(): typeof http2 {
  return process.getBuiltinModule('node:http2');
}

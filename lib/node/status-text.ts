/**
 * What HTTP calls a status; empty for one that it does not know.
 *
 * node:http has the names, and is loaded when the first one is needed: it takes 0.8 MB, and most
 * programs never do.
 */
export function statusText(status: number): string {
  return process.getBuiltinModule('node:http').STATUS_CODES[status] ?? '';
}

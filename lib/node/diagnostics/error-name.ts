import { SocketError } from '../../network/qabstractsocket.ts';

const NAMES = new Map(Object.entries(SocketError).map(([name, error]) => [error, name]));

/** The name of a {@link SocketError}. */
export function errorNameOf(error: SocketError): string {
  return NAMES.get(error) ?? 'UnknownSocketError';
}

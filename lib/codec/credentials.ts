import type { QAuthenticator } from '../network/qauthenticator.ts';

/** How many times in a row one peer may refuse: nobody types that often before a timeout. */
export const MAX_REFUSALS = 16;

/** Who logs in. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Sets user and password of the authenticator before it returns, or leaves them. */
export type Ask = (authenticator: QAuthenticator) => void;

/** Whether there is anything to log in with. */
export function hasCredentials(credentials: Credentials): boolean {
  return credentials.user !== '' || credentials.password !== '';
}

/** User and password of `authenticator`. */
export function credentialsOf(authenticator: QAuthenticator): Credentials {
  return { user: authenticator.user(), password: authenticator.password() };
}

/** Asks, and tells whether there is a new answer: unchanged values count as none, as in Qt. */
export function askFor(authenticator: QAuthenticator, ask: Ask): boolean {
  const before = credentialsOf(authenticator);
  ask(authenticator);
  const after = credentialsOf(authenticator);
  return after.user !== before.user || after.password !== before.password;
}

import { QAuthenticator } from '../network/qauthenticator.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import {
  askFor,
  credentialsOf,
  hasCredentials,
  MAX_REFUSALS,
  type Ask,
  type Credentials,
} from './credentials.ts';
import { digestStrength, DigestSession, type AuthorizedRequest } from './digest.ts';

/** What came of a challenge. */
export const ChallengeOutcome = {
  /** There is an {@link HttpAuthentication.authorization} to try. */
  Answered: 0,
  /** Nobody gave user and password, or the peer has refused too many. */
  Unanswered: 1,
  /** The peer asks for nothing that is known here. */
  Unsupported: 2,
} as const;
export type ChallengeOutcome = (typeof ChallengeOutcome)[keyof typeof ChallengeOutcome];

/**
 * The strongest challenge that can be answered, the first of equals: Basic, then Digest with MD5,
 * then Digest with SHA-256 or SHA-512-256.
 */
export function chooseChallenge(challenges: readonly Challenge[]): Challenge | undefined {
  let chosen: Challenge | undefined;
  let best = 0;
  for (const challenge of challenges) {
    const strength = challenge.scheme === 'basic' ? 1 : 2 * digestStrength(challenge);
    if (strength > best) {
      chosen = challenge;
      best = strength;
    }
  }
  return chosen;
}

/** The value of `Authorization` for Basic (RFC 7617), in UTF-8 whether the server says so or not. */
export function basicAuthorization(credentials: Credentials): string {
  const text = `${credentials.user}:${credentials.password}`.normalize('NFC');
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

/**
 * One client's answers to one server or proxy that wants to know who it is: 401 and 407, RFC 9110
 * §11.
 *
 * Credentials that are there from the start are tried first; then the user is asked, for as long as
 * every answer differs from the one before, and at most 16 times. It belongs to one connection
 * attempt: nothing that it learns may reach another host.
 */
export class HttpAuthentication {
  readonly #authenticator = new QAuthenticator();
  #untried: Credentials | undefined;
  #refusals = 0;
  #challenge: Challenge | undefined;
  #digest: DigestSession | undefined;

  /** @param credentials those of the URL or the proxy; '' for both when there are none. */
  constructor(credentials: Credentials) {
    if (hasCredentials(credentials)) this.#untried = credentials;
  }

  /**
   * Takes the fields of a refusal: `WWW-Authenticate` of a 401, `Proxy-Authenticate` of a 407.
   *
   * @param ask called at most once, and not when there is another way to an answer.
   */
  challenged(values: readonly string[], ask: Ask): ChallengeOutcome {
    const challenge = chooseChallenge(parseChallenges(values));
    if (challenge === undefined) return ChallengeOutcome.Unsupported;
    if (this.#refusals === MAX_REFUSALS) return ChallengeOutcome.Unanswered;
    this.#refusals++;

    const isStale = this.#digest !== undefined && hasGoneStale(challenge);
    this.#accept(challenge);
    if (isStale || this.#useUntried()) return ChallengeOutcome.Answered;

    return askFor(this.#authenticator, ask)
      ? ChallengeOutcome.Answered
      : ChallengeOutcome.Unanswered;
  }

  /** The value of the answering field for the next request; '' before the first challenge. */
  authorization(request: AuthorizedRequest): string {
    if (this.#challenge === undefined) return '';
    const credentials = credentialsOf(this.#authenticator);
    return this.#digest?.authorization(request, credentials) ?? basicAuthorization(credentials);
  }

  /** Who has tried to log in last. */
  get credentials(): Credentials {
    return credentialsOf(this.#authenticator);
  }

  #accept(challenge: Challenge): void {
    // A nonce that comes again goes on counting (RFC 7616 §3.4).
    const isSame = this.#challenge !== undefined && isSameChallenge(this.#challenge, challenge);
    if (!isSame) this.#digest = DigestSession.of(challenge);
    this.#challenge = challenge;
    this.#authenticator.setRealm(challenge.parameters.get('realm') ?? '');
  }

  #useUntried(): boolean {
    if (this.#untried === undefined) return false;
    this.#authenticator.setUser(this.#untried.user);
    this.#authenticator.setPassword(this.#untried.password);
    this.#untried = undefined;
    return true;
  }
}

/** Whether only the nonce was refused, not user and password (RFC 7616 §3.3). */
function hasGoneStale(challenge: Challenge): boolean {
  const { scheme, parameters } = challenge;
  return scheme === 'digest' && parameters.get('stale')?.toLowerCase() === 'true';
}

/** Whether all is the same; that a nonce has gone stale does not change it. */
function isSameChallenge(a: Challenge, b: Challenge): boolean {
  const names = new Set([...a.parameters.keys(), ...b.parameters.keys()]);
  names.delete('stale');
  const isSame = (name: string): boolean => a.parameters.get(name) === b.parameters.get(name);
  return a.scheme === b.scheme && [...names].every(isSame);
}

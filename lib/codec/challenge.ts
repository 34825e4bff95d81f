import { isToken, parseParameter, splitList, TOKEN_BYTES, trimWhiteSpace } from './header-list.ts';
import { hasLineBreak } from './http-head.ts';

// More than any server sends; what is beyond them is not looked at.
const MAX_CHALLENGES = 32;
const MAX_PARAMETERS = 64;

const TOKEN68 = /^[A-Za-z0-9._~+/-]+=*$/;

/** How a server wants to be answered (RFC 9110 §11.3). */
export interface Challenge {
  /** The authentication scheme in lower case: `basic`, `digest`. */
  readonly scheme: string;
  /** What stands behind the scheme instead of parameters; '' when there is none. */
  readonly token68: string;
  /** Names in lower case; of a name that is repeated, the first value. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The challenges in all `WWW-Authenticate` or `Proxy-Authenticate` fields of a response (RFC 9110
 * §11.6.1), in their order; at most 32, each with at most 64 parameters.
 *
 * Never fails: what has no meaning is left out.
 */
export function parseChallenges(values: readonly string[]): Challenge[] {
  const challenges: WritableChallenge[] = [];
  for (const value of values) {
    // Values are copied into our answer.
    if (hasLineBreak(value)) continue;
    let current: WritableChallenge | undefined;
    for (const element of splitList(value)) {
      if (isContinuation(element)) {
        if (current !== undefined) addParameter(current, element);
        continue;
      }
      current = parseStart(element);
      if (current === undefined) continue;
      if (challenges.length === MAX_CHALLENGES) return challenges;
      challenges.push(current);
    }
  }
  return challenges;
}

interface WritableChallenge extends Challenge {
  token68: string;
  readonly parameters: Map<string, string>;
}

/** Whether an element of the list is `name = value`, which belongs to the challenge before it. */
function isContinuation(element: string): boolean {
  let end = 0;
  while (TOKEN_BYTES[element.charCodeAt(end)] === 1) end++;
  while (isWhiteSpace(element, end)) end++;
  return element[end] === '=';
}

/** `scheme`, `scheme token68` or `scheme name=value`. */
function parseStart(element: string): WritableChallenge | undefined {
  let end = 0;
  while (end < element.length && !isWhiteSpace(element, end)) end++;
  const scheme = element.slice(0, end);
  if (!isToken(scheme)) return undefined;

  const challenge = { scheme: scheme.toLowerCase(), token68: '', parameters: new Map() };
  const rest = trimWhiteSpace(element.slice(end));
  if (!addParameter(challenge, rest) && TOKEN68.test(rest)) challenge.token68 = rest;
  return challenge;
}

/** Whether `text` is a parameter. */
function addParameter(challenge: WritableChallenge, text: string): boolean {
  const parameter = parseParameter(text);
  if (parameter?.value === undefined) return false;
  const { parameters } = challenge;
  const name = parameter.name.toLowerCase();
  if (!parameters.has(name) && parameters.size < MAX_PARAMETERS) {
    parameters.set(name, parameter.value);
  }
  return true;
}

function isWhiteSpace(text: string, at: number): boolean {
  return text[at] === ' ' || text[at] === '\t';
}

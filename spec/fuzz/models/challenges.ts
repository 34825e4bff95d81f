import { elementsOf, parameterOf } from './header-list.ts';

/** A challenge, its parameters in the order of their first mention. */
export interface ModelChallenge {
  readonly scheme: string;
  token68: string;
  readonly parameters: [name: string, value: string][];
}

/** Reads the fields of a refusal by RFC 9110 §11.6.1: what has no meaning is left out. */
export function readChallenges(values: readonly string[]): ModelChallenge[] {
  const challenges: ModelChallenge[] = [];
  for (const value of values) {
    // oxlint-disable-next-line no-control-regex
    if (/[\0\r\n]/.test(value)) continue;
    let current: ModelChallenge | undefined;
    for (const element of elementsOf(value)) {
      if (element === '') continue;
      if (/^[!#$%&'*+.^_`|~0-9A-Za-z-]*[ \t]*=/.test(element)) {
        addTo(current, element);
        continue;
      }
      current = undefined;
      const [, scheme, rest] = /^([^ \t]*)[ \t]*([^]*)$/.exec(element)!;
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(scheme!)) continue;
      if (challenges.length === 32) return challenges;
      current = { scheme: scheme!.toLowerCase(), token68: '', parameters: [] };
      const isParameter = addTo(current, rest!);
      if (!isParameter && /^[A-Za-z0-9._~+/-]+=*$/.test(rest!)) current.token68 = rest!;
      challenges.push(current);
    }
  }
  return challenges;
}

function addTo(challenge: ModelChallenge | undefined, text: string): boolean {
  const [written, value] = parameterOf(text) ?? [];
  if (written === undefined || value === undefined) return false;
  const name = written.toLowerCase();
  if (challenge === undefined || challenge.parameters.length === 64) return true;
  if (!challenge.parameters.some(([other]) => other === name))
    challenge.parameters.push([name, value]);
  return true;
}

import { percentDecode } from '../network/percent-encoding.ts';

/**
 * What nobody is to read of the URL of a broker, as it is written there and as it is sent: the password
 * or, without one, the user, which NATS takes for a token.
 */
export function secretsOf(url: string): string[] {
  const { username, password } = new URL(url);
  const secret = password === '' ? username : password;
  return [secret, percentDecode(secret)];
}

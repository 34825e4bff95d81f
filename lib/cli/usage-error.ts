/** Something is wrong with the command line, or with a file that it names; the message says what. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

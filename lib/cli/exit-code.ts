/** How `qws` ends. @enum */
export const ExitCode = {
  Ok: 0,
  /** There was no connection, or it was lost; a server could not listen. */
  Failed: 1,
  /** The command line is wrong, or a file that it names. */
  Usage: 2,
} as const;
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

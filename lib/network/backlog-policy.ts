/** What becomes of a message when more waits to be sent than may. @enum */
export const BacklogPolicy = {
  /** It is not sent, and the function that was to send it returns 0. */
  RefuseMessages: 0,
  /** The connection is given up: a peer that reads nothing is as good as gone. */
  Disconnect: 1,
} as const;
export type BacklogPolicy = (typeof BacklogPolicy)[keyof typeof BacklogPolicy];

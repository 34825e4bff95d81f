/** The HTTP answer that a request deserves instead of a 101. */
export interface Refusal {
  readonly status: number;
  /** HTTP's phrase for the status. */
  readonly reason: string;
  /** What is wrong, as a full sentence: the body of the answer. Without one, the answer is its head alone. */
  readonly detail: string;
  /** Further headers: name, value, name, value, … */
  readonly headers: readonly string[];
  /** The body in place of the detail; plain text unless the headers have a Content-Type. */
  readonly body?: Uint8Array;
  /** `'version'` when a request is fine but for its WebSocket version. */
  readonly kind?: 'version';
  /** Whether the detail is counted and not sent, as HEAD wants it (RFC 9110 §9.3.2). */
  readonly isHeadOnly?: boolean;
}

/** Tells a refusal from what else a function may return. */
export function isRefusal(outcome: object): outcome is Refusal {
  return 'status' in outcome && 'detail' in outcome;
}

/** A refusal with the words of HTTP for its status. */
export function refuse(
  status: number,
  reason: string,
  detail: string,
  headers: readonly string[] = [],
): Refusal {
  return { status, reason, detail, headers };
}

/** The answer to a request that breaks a rule for which HTTP has no status of its own. */
export function badRequest(detail: string, headers: readonly string[] = []): Refusal {
  return refuse(400, 'Bad Request', detail, headers);
}

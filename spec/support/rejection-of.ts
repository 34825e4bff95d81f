import { expect } from 'chai';

/** What `promise` is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('It is resolved.'),
    (error: unknown) => error,
  );
}

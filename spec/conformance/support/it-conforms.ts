import { expect } from 'chai';
import type { Case, CaseGroups } from './conversation.ts';
import { conduct, type Bystander, type Verdict } from './conduct.ts';
import { ClientSubject, ServerSubject, type Scheme, type Subject } from './subjects.ts';

/** Each side of the protocol that is tested. */
export const roles: readonly ['server', 'client'] = ['server', 'client'];
export type Role = (typeof roles)[number];

/** One spec for each of the cases, against our `role` over `scheme`. */
export function itConforms(role: Role, scheme: Scheme, groups: CaseGroups): void {
  let subject: Subject;
  let bystander: Bystander;

  before(async () => {
    subject = role === 'server' ? new ServerSubject(scheme) : await ClientSubject.start(scheme);
    bystander = await subject.connect();
  });

  after(() => subject.stop());

  for (const [group, cases] of Object.entries(groups)) {
    describe(group, () => {
      for (const test of cases) {
        it(`${test.id} ${test.title}`, async () => {
          expect(await conduct(test, subject, bystander)).to.deep.equal({
            verdict: wanted(test),
            reasons: [],
          });
        });
      }
    });
  }
}

function wanted(test: Case): Verdict {
  return test.isInformational ? 'INFORMATIONAL' : 'OK';
}

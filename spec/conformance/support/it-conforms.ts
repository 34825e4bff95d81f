import { expect } from 'chai';
import type { Case, CaseGroups } from './conversation.ts';
import { conduct, type Bystander, type Verdict } from './conduct.ts';
import type { Subject } from './subjects.ts';

/** One spec for each of the cases, against what `start` makes. */
export function itConforms(groups: CaseGroups, start: () => Promise<Subject>): void {
  let subject: Subject;
  let bystander: Bystander;

  before(async () => {
    subject = await start();
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

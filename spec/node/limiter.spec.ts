import { expect } from 'chai';
import { Limiter, type Job } from '../../lib/node/limiter.ts';

class TestJob implements Job {
  isDropped = false;
  /** Ends the job; undefined before it has begun. */
  end: (() => void) | undefined;

  begin(done: () => void): void {
    this.end = done;
  }

  get hasBegun(): boolean {
    return this.end !== undefined;
  }
}

describe('Limiter', () => {
  function begunOf(jobs: readonly TestJob[]): boolean[] {
    return jobs.map((job) => job.hasBegun);
  }

  function run(most: number, count: number): TestJob[] {
    const limiter = new Limiter(most);
    const jobs = Array.from({ length: count }, () => new TestJob());
    for (const job of jobs) limiter.run(job);
    return jobs;
  }

  it('begins as many jobs as may run at the same time', () => {
    expect(begunOf(run(2, 4))).to.deep.equal([true, true, false, false]);
  });

  it('begins the next one when one is done, in their order', () => {
    const jobs = run(1, 3);
    jobs[0]!.end!();
    expect(begunOf(jobs)).to.deep.equal([true, true, false]);

    jobs[1]!.end!();
    expect(begunOf(jobs)).to.deep.equal([true, true, true]);
  });

  it('passes over those that nobody needs any more', () => {
    const jobs = run(1, 3);
    jobs[1]!.isDropped = true;
    jobs[0]!.end!();

    expect(begunOf(jobs)).to.deep.equal([true, false, true]);
  });

  it('has room again when all are done', () => {
    const limiter = new Limiter(1);
    const [first, second] = [new TestJob(), new TestJob()];
    limiter.run(first);
    first.end!();
    limiter.run(second);

    expect(second.hasBegun).to.equal(true);
  });
});

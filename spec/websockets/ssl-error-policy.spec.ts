import { expect } from 'chai';
import { QSslError } from '../../lib/ssl/qsslerror.ts';
import { SslErrorPolicy } from '../../lib/websockets/ssl-error-policy.ts';

describe('SslErrorPolicy', () => {
  const expired = new QSslError(QSslError.CertificateExpired);
  const foreign = new QSslError(QSslError.HostNameMismatch);
  let policy: SslErrorPolicy;

  beforeEach(() => {
    policy = new SslErrorPolicy();
  });

  it('ignores nothing by itself', () => {
    expect(policy.ignores([expired])).to.equal(false);
  });

  it('ignores what is on its list, and keeps a list of its own', () => {
    const list = [expired];
    policy.ignore(list);
    list.push(foreign);

    expect(policy.ignores([expired])).to.equal(true);
    expect(policy.ignores([expired, foreign])).to.equal(false);
  });

  it('takes a new list in place of the old one', () => {
    policy.ignore([expired]);
    policy.ignore([foreign]);

    expect([policy.ignores([expired]), policy.ignores([foreign])]).to.deep.equal([false, true]);
  });

  it('ignores all errors of every connection when none are at hand', () => {
    policy.ignore(undefined);
    policy.begin();

    expect(policy.ignores([expired, foreign])).to.equal(true);
  });

  it('ignores all errors of one connection when some are at hand', () => {
    policy.errorsAtHand = [expired];
    policy.ignore(undefined);
    expect(policy.ignores([foreign])).to.equal(true);

    policy.begin();

    expect(policy.ignores([foreign])).to.equal(false);
    expect(policy.errorsAtHand).to.equal(undefined);
  });

  it('forgets what waits', () => {
    policy.errorsAtHand = [expired];
    policy.isPaused = true;

    policy.forget();

    expect(policy).to.include({ errorsAtHand: undefined, isPaused: false });
  });
});

import { expect } from 'chai';
import * as tls from 'node:tls';
import { systemCertificates } from '../../lib/ssl/system-certificates.ts';

/** Lines differ in their lengths. */
function withoutBreaks(pem: string): string {
  return pem.replaceAll('\n', '');
}

describe('systemCertificates()', () => {
  it('has every authority that Node trusts', () => {
    const { getCACertificates } = tls as { getCACertificates?: () => string[] };
    const expected = getCACertificates?.() ?? tls.rootCertificates;

    const found = systemCertificates().map((each) => withoutBreaks(each.toPem()));

    expect(found).to.deep.equal(expected.map(withoutBreaks));
  });

  it('reads them once', () => {
    expect(systemCertificates()).to.equal(systemCertificates());
  });
});

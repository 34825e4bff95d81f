import { createHash, X509Certificate } from 'node:crypto';
import {
  readCertificate,
  type Attributes,
  type CertificateContent,
} from './certificate-content.ts';
import { PatternSyntax, readCertificateFiles } from './certificate-files.ts';
import { derElement, SEQUENCE } from './der.ts';
import { pemBlocks, toPem } from './pem.ts';
import { Algorithm, nodeHashName } from './qcryptographichash.ts';
import { EncodingFormat, type AlternativeNameEntryType } from './qssl.ts';
import { QSslKey } from './qsslkey.ts';

export { PatternSyntax } from './certificate-files.ts';

/** The parts of a subject's or issuer's name, as QSslCertificate::SubjectInfo. @enum */
export const SubjectInfo = {
  /** `O` */
  Organization: 0,
  /** `CN`: often the host's name. */
  CommonName: 1,
  /** `L` */
  LocalityName: 2,
  /** `OU` */
  OrganizationalUnitName: 3,
  /** `C` */
  CountryName: 4,
  /** `ST` */
  StateOrProvinceName: 5,
  /** `dnQualifier` */
  DistinguishedNameQualifier: 6,
  /** `serialNumber` of the subject, not of the certificate. */
  SerialNumber: 7,
  /** `emailAddress` */
  EmailAddress: 8,
} as const;
export type SubjectInfo = (typeof SubjectInfo)[keyof typeof SubjectInfo];

const ATTRIBUTES: Readonly<Record<SubjectInfo, string>> = {
  0: 'O',
  1: 'CN',
  2: 'L',
  3: 'OU',
  4: 'C',
  5: 'ST',
  6: 'dnQualifier',
  7: 'serialNumber',
  8: 'emailAddress',
};

const NOTHING: CertificateContent = {
  version: 0,
  issuer: new Map(),
  subject: new Map(),
  alternativeNames: new Map(),
};

/** As much of an `X509Certificate` of `node:crypto` as has to be said here. */
export interface CertificateHandle {
  readonly raw: Uint8Array;
}

/**
 * An X.509 certificate (RFC 5280), as QSslCertificate.
 *
 * A certificate is null when there was nothing to read or the data is broken; nothing throws. What
 * it says is only claimed until the chain to a trusted authority has been verified.
 *
 * @see https://doc.qt.io/qt-6/qsslcertificate.html
 */
export class QSslCertificate {
  static readonly SubjectInfo: typeof SubjectInfo = SubjectInfo;
  static readonly PatternSyntax: typeof PatternSyntax = PatternSyntax;
  static readonly Organization: 0 = SubjectInfo.Organization;
  static readonly CommonName: 1 = SubjectInfo.CommonName;
  static readonly LocalityName: 2 = SubjectInfo.LocalityName;
  static readonly OrganizationalUnitName: 3 = SubjectInfo.OrganizationalUnitName;
  static readonly CountryName: 4 = SubjectInfo.CountryName;
  static readonly StateOrProvinceName: 5 = SubjectInfo.StateOrProvinceName;
  static readonly DistinguishedNameQualifier: 6 = SubjectInfo.DistinguishedNameQualifier;
  static readonly SerialNumber: 7 = SubjectInfo.SerialNumber;
  static readonly EmailAddress: 8 = SubjectInfo.EmailAddress;

  #handle: X509Certificate | undefined;

  /**
   * Reads the first certificate in `data`, text or bytes in the form that `format` says; or takes
   * one that `node:crypto` has read.
   */
  constructor(
    data: string | Uint8Array | CertificateHandle = '',
    format: EncodingFormat = EncodingFormat.Pem,
  ) {
    if (data instanceof X509Certificate) this.#handle = data;
    else if (isText(data)) this.#handle = handlesIn(data, format).next().value ?? undefined;
  }

  /** All certificates in `data`, in their order; broken ones are left out. */
  static fromData(
    data: string | Uint8Array,
    format: EncodingFormat = EncodingFormat.Pem,
  ): QSslCertificate[] {
    return Array.from(handlesIn(data, format), (handle) => new QSslCertificate(handle));
  }

  /**
   * All certificates in what a device of Qt's would give: `device` is the bytes themselves, or the
   * path of a file. A file that cannot be read has none.
   */
  static fromDevice(
    device: string | Uint8Array,
    format: EncodingFormat = EncodingFormat.Pem,
  ): QSslCertificate[] {
    if (typeof device === 'string') return QSslCertificate.fromPath(device, format);
    return QSslCertificate.fromData(device, format);
  }

  /**
   * All certificates in the files that `path` names, read at once; what cannot be read is left out.
   *
   * With a pattern as `syntax`, `path` has slashes on every system, and the files are read in the
   * order of their paths.
   */
  static fromPath(
    path: string,
    format: EncodingFormat = EncodingFormat.Pem,
    syntax: PatternSyntax = PatternSyntax.FixedString,
  ): QSslCertificate[] {
    return readCertificateFiles(path, syntax).flatMap((data) =>
      QSslCertificate.fromData(data, format),
    );
  }

  /** Whether there is no certificate. */
  isNull(): boolean {
    return this.#handle === undefined;
  }

  /** Makes the certificate null. */
  clear(): void {
    this.#handle = undefined;
  }

  /** Always false: Qt's list of certificates from before 2015 is not kept; all have expired. */
  isBlacklisted(): boolean {
    return false;
  }

  /** Whether it has been issued by its own subject; false for a null certificate. */
  isSelfSigned(): boolean {
    return this.#handle?.checkIssued(this.#handle) ?? false;
  }

  /** The version of X.509 as a number from 1 to 3; '' for a null certificate. */
  version(): string {
    return this.#handle === undefined ? '' : String(this.#content().version);
  }

  /** The number from its issuer: hexadecimal bytes with colons between; '' when it is null. */
  serialNumber(): string {
    const digits = this.#handle?.serialNumber.replace('-', '').toLowerCase() ?? '';
    const whole = digits.padStart(digits.length + (digits.length % 2), '0');
    return whole.match(/../g)?.join(':') ?? '';
  }

  /**
   * A digest over the DER form; of no bytes at all when it is null.
   *
   * @param algorithm - one of {@link Algorithm}, or a name that `createHash` of `node:crypto`
   *   knows. No bytes are returned for an algorithm that Node does not have.
   * @throws Error when Node does not know the name.
   */
  digest(algorithm: Algorithm | string = Algorithm.Md5): Uint8Array {
    const name = typeof algorithm === 'string' ? algorithm : nodeHashName(algorithm);
    return name === undefined ? new Uint8Array() : createHash(name).update(this.toDer()).digest();
  }

  /**
   * The values of one part of the subject's name: those of an attribute that occurs several times
   * from the last to the first, as in Qt.
   *
   * @param info - the part, or an attribute by its short name, or by its object identifier when it
   *   has none: `'CN'`, `'1.2.3.4'`.
   */
  subjectInfo(info: SubjectInfo | string): string[] {
    return valuesOf(this.#content().subject, info);
  }

  /** The values of one part of the issuer's name, as {@link subjectInfo} has them. */
  issuerInfo(info: SubjectInfo | string): string[] {
    return valuesOf(this.#content().issuer, info);
  }

  /** The short names of what {@link subjectInfo} has values for, sorted. */
  subjectInfoAttributes(): string[] {
    return [...this.#content().subject.keys()].toSorted();
  }

  /** The short names of what {@link issuerInfo} has values for, sorted. */
  issuerInfoAttributes(): string[] {
    return [...this.#content().issuer.keys()].toSorted();
  }

  /** A name for people: the common name, else the organization, else its unit, else ''. */
  subjectDisplayName(): string {
    return displayNameOf(this.#content().subject);
  }

  /** The issuer's name for people, chosen as {@link subjectDisplayName}. */
  issuerDisplayName(): string {
    return displayNameOf(this.#content().issuer);
  }

  /**
   * The further names that it is valid for (RFC 5280 §4.2.1.6): from the last to the first of each
   * kind, as in Qt. Kinds without a name are missing.
   */
  subjectAlternativeNames(): Map<AlternativeNameEntryType, string[]> {
    const names = [...this.#content().alternativeNames];
    return new Map(names.map(([type, values]) => [type, values.toReversed()]));
  }

  /** When it begins to be valid; an invalid date for a null certificate. */
  effectiveDate(): Date {
    return new Date(this.#handle?.validFrom ?? Number.NaN);
  }

  /** When it stops to be valid; an invalid date for a null certificate. */
  expiryDate(): Date {
    return new Date(this.#handle?.validTo ?? Number.NaN);
  }

  /** The subject's public key; null when there is none, or Node cannot read it. */
  publicKey(): QSslKey {
    try {
      return new QSslKey(this.#handle?.publicKey);
    } catch {
      return new QSslKey();
    }
  }

  /** The certificate as PEM text; '' when it is null. */
  toPem(): string {
    return this.#handle === undefined ? '' : toPem('CERTIFICATE', this.#handle.raw);
  }

  /** The certificate as DER; no bytes when it is null. The bytes are the caller's own. */
  toDer(): Uint8Array {
    return new Uint8Array(this.#handle?.raw ?? []);
  }

  /**
   * The certificate for people, a line for each thing it says; '' when it is null. The form is not
   * Qt's, and may change.
   */
  toText(): string {
    const handle = this.#handle;
    if (handle === undefined) return '';
    const alternatives = [...this.#content().alternativeNames.values()].flat();
    return [
      `Version: ${this.version()}`,
      `Serial number: ${this.serialNumber()}`,
      `Issuer: ${onOneLine(handle.issuer)}`,
      `Valid from: ${handle.validFrom}`,
      `Valid to: ${handle.validTo}`,
      `Subject: ${onOneLine(handle.subject)}`,
      `Alternative names: ${alternatives.map((name) => JSON.stringify(name)).join(', ')}`,
      `SHA-256 fingerprint: ${handle.fingerprint256}`,
      '',
    ].join('\n');
  }

  /**
   * The `X509Certificate` of `node:crypto`; undefined when the certificate is null. Programs with
   * Node's types can cast it.
   */
  handle(): CertificateHandle | undefined {
    return this.#handle;
  }

  /** Whether both are the same certificate, byte for byte, or both are null. */
  equals(other: QSslCertificate): boolean {
    if (this.#handle === undefined || other.#handle === undefined)
      return this.#handle === other.#handle;
    return this.#handle.raw.equals(other.#handle.raw);
  }

  /** A copy that changes on its own. */
  clone(): QSslCertificate {
    const copy = new QSslCertificate();
    copy.#handle = this.#handle;
    return copy;
  }

  #content(): CertificateContent {
    return this.#handle === undefined ? NOTHING : readCertificate(this.#handle.raw);
  }
}

function* handlesIn(
  data: string | Uint8Array,
  format: EncodingFormat,
): Generator<X509Certificate, undefined> {
  const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data);
  const encoded =
    format === EncodingFormat.Der
      ? sequencesIn(bytes)
      : pemBlocks(bytes.toString('latin1'), 'CERTIFICATE');
  for (const der of encoded) {
    const handle = read(der);
    if (handle !== undefined) yield handle;
  }
}

function* sequencesIn(bytes: Uint8Array): Generator<Uint8Array> {
  let at = 0;
  for (;;) {
    const element = derElement(bytes, at);
    if (element?.tag !== SEQUENCE) return;
    yield bytes.subarray(at, element.end);
    at = element.end;
  }
}

function read(der: Uint8Array): X509Certificate | undefined {
  // X509Certificate would take PEM inside of PEM.
  if (der[0] !== SEQUENCE) return undefined;
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}

function valuesOf(names: Attributes, info: SubjectInfo | string): string[] {
  const attribute = typeof info === 'string' ? info : ATTRIBUTES[info];
  return names.get(attribute)?.toReversed() ?? [];
}

function displayNameOf(names: Attributes): string {
  const parts = [
    SubjectInfo.CommonName,
    SubjectInfo.Organization,
    SubjectInfo.OrganizationalUnitName,
  ];
  return parts.flatMap((part) => valuesOf(names, part).slice(0, 1))[0] ?? '';
}

/** OpenSSL escapes line breaks inside of values: those that are left are its own. */
function onOneLine(name: string | undefined): string {
  return (name ?? '').replaceAll('\n', ', ');
}

function isText(data: string | Uint8Array | CertificateHandle): data is string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array;
}

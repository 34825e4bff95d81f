import { QHostAddress } from '../network/qhostaddress.ts';
import { derChildren, derElement, OBJECT_IDENTIFIER, objectIdentifier, SEQUENCE } from './der.ts';
import type { DerElement } from './der.ts';
import { AlternativeNameEntryType } from './qssl.ts';

/** The values of each attribute of a name, in their order, by its short name or identifier. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

/** Names of one kind, in their order. */
export type AlternativeNames = ReadonlyMap<AlternativeNameEntryType, readonly string[]>;

/** What a certificate says in the parts that `node:crypto` does not tell, or not safely. */
export interface CertificateContent {
  /** From 1 on. */
  readonly version: number;
  readonly issuer: Attributes;
  readonly subject: Attributes;
  readonly alternativeNames: AlternativeNames;
}

const SET = 0x31;
const UTF8_STRING = 0x0c;
const UNIVERSAL_STRING = 0x1c;
const BMP_STRING = 0x1e;
const OCTET_STRING = 0x04;

/** RFC 5280 §4.1: the parts of TBSCertificate that are not always there. */
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

/** RFC 5280 §4.2.1.6: the forms of GeneralName that Qt knows. */
const RFC822_NAME = 0x81;
const DNS_NAME = 0x82;
const IP_ADDRESS = 0x87;

/** OpenSSL's short names. */
const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  ['2.5.4.3', 'CN'],
  ['2.5.4.4', 'SN'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C'],
  ['2.5.4.7', 'L'],
  ['2.5.4.8', 'ST'],
  ['2.5.4.9', 'street'],
  ['2.5.4.10', 'O'],
  ['2.5.4.11', 'OU'],
  ['2.5.4.12', 'title'],
  ['2.5.4.13', 'description'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID'],
  ['0.9.2342.19200300.100.1.25', 'DC'],
  ['1.2.840.113549.1.9.1', 'emailAddress'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionL'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionST'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionC'],
]);

/**
 * Reads a certificate (RFC 5280 §4.1); what is broken in it is left out.
 *
 * `node:crypto` has the same, but not for certificates of an attacker: Node 24.21 crashes in
 * `toLegacyObject()` when the public key is broken, and Node 20 blames an alternative name that is
 * broken on the next key that is read.
 */
export function readCertificate(der: Uint8Array): CertificateContent {
  const parts = toBeSigned(der);
  const version = parts.find((part) => part.tag === VERSION);
  const extensions = parts.find((part) => part.tag === EXTENSIONS);
  const [, , issuer, , subject] = parts.filter((part) => part !== version);
  return {
    version: version === undefined ? 1 : (der[version.end - 1] ?? 0) + 1,
    issuer: attributesIn(der, issuer),
    subject: attributesIn(der, subject),
    alternativeNames: alternativeNamesIn(der, extensions),
  };
}

function toBeSigned(der: Uint8Array): DerElement[] {
  const content = derElement(der, derElement(der, 0)?.start ?? der.length);
  return content === undefined ? [] : [...derChildren(der, content)];
}

function attributesIn(der: Uint8Array, name: DerElement | undefined): Attributes {
  const attributes = new Map<string, string[]>();
  for (const set of childrenOf(der, name, SET)) {
    for (const pair of childrenOf(der, set, SEQUENCE)) {
      const [type, value] = derChildren(der, pair);
      if (type?.tag !== OBJECT_IDENTIFIER || value === undefined) continue;
      const identifier = objectIdentifier(der, type);
      add(attributes, SHORT_NAMES.get(identifier) ?? identifier, textOf(der, value));
    }
  }
  return attributes;
}

function alternativeNamesIn(der: Uint8Array, extensions: DerElement | undefined): AlternativeNames {
  const names = new Map<AlternativeNameEntryType, string[]>();
  const [list] = childrenOf(der, extensions, SEQUENCE);
  for (const extension of childrenOf(der, list, SEQUENCE)) {
    const [type, ...rest] = derChildren(der, extension);
    if (type?.tag !== OBJECT_IDENTIFIER) continue;
    if (objectIdentifier(der, type) !== SUBJECT_ALTERNATIVE_NAME) continue;
    const value = rest.find((part) => part.tag === OCTET_STRING);
    const [general] = childrenOf(der, value, SEQUENCE);
    if (general === undefined) continue;
    for (const name of derChildren(der, general)) addAlternativeName(names, der, name);
  }
  return names;
}

function addAlternativeName(
  names: Map<AlternativeNameEntryType, string[]>,
  der: Uint8Array,
  name: DerElement,
): void {
  if (name.tag === RFC822_NAME) {
    add(names, AlternativeNameEntryType.EmailEntry, latin1(der, name));
  } else if (name.tag === DNS_NAME) {
    add(names, AlternativeNameEntryType.DnsEntry, latin1(der, name));
  } else if (name.tag === IP_ADDRESS) {
    const address = addressOf(der.subarray(name.start, name.end));
    if (address !== '') add(names, AlternativeNameEntryType.IpAddressEntry, address);
  }
}

/** The text of an IPv4 or IPv6 address; '' for any other number of bytes. */
function addressOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return '';
  const digits = Buffer.from(bytes).toString('hex');
  return new QHostAddress(digits.match(/.{4}/g)?.join(':')).toString();
}

function* childrenOf(
  der: Uint8Array,
  parent: DerElement | undefined,
  tag: number,
): Generator<DerElement> {
  if (parent === undefined) return;
  for (const child of derChildren(der, parent)) if (child.tag === tag) yield child;
}

function textOf(der: Uint8Array, value: DerElement): string {
  const bytes = Buffer.from(der.subarray(value.start, value.end));
  if (value.tag === UTF8_STRING) return bytes.toString('utf8');
  if (value.tag === BMP_STRING && bytes.length % 2 === 0) return bytes.swap16().toString('utf16le');
  if (value.tag === UNIVERSAL_STRING && bytes.length % 4 === 0) return utf32(bytes);
  return bytes.toString('latin1');
}

function utf32(bytes: Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4) {
    const character = bytes.readUInt32BE(i);
    text += String.fromCodePoint(character > 0x10ffff ? 0xfffd : character);
  }
  return text;
}

function latin1(der: Uint8Array, value: DerElement): string {
  return Buffer.from(der.subarray(value.start, value.end)).toString('latin1');
}

function add<K>(lists: Map<K, string[]>, key: K, value: string): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

import { formatIPv4, formatIPv6, mappedIPv4, parseIPv4, parseIPv6 } from './ip-address.ts';
import { NetworkLayerProtocol } from './qabstractsocket.ts';

/** Well-known addresses, as QHostAddress::SpecialAddress. @enum */
export const SpecialAddress = {
  /** No address. */
  Null: 0,
  /** 255.255.255.255 */
  Broadcast: 1,
  /** 127.0.0.1 */
  LocalHost: 2,
  /** ::1 */
  LocalHostIPv6: 3,
  /** Every interface, IPv4 and IPv6 (dual stack). */
  Any: 4,
  /** Every IPv6 interface, :: */
  AnyIPv6: 5,
  /** Every IPv4 interface, 0.0.0.0 */
  AnyIPv4: 6,
} as const;
export type SpecialAddress = (typeof SpecialAddress)[keyof typeof SpecialAddress];

const SPECIAL_TEXT: Readonly<Record<SpecialAddress, string>> = {
  0: '',
  1: '255.255.255.255',
  2: '127.0.0.1',
  3: '::1',
  4: '0.0.0.0',
  5: '::',
  6: '0.0.0.0',
};

const SCOPE_ID = /^[!-$&-~]{1,64}$/;

/**
 * An IPv4 or IPv6 address, as QHostAddress.
 *
 * Only numeric text is an address: `new QHostAddress('localhost')` is null. IPv4 is read in its
 * dotted form of four decimal numbers only, IPv6 in every form of RFC 4291 §2.2, with a scope id
 * behind a percent sign (RFC 4007 §11).
 *
 * The constants such as {@link QHostAddress.LocalHost} are addresses, too, and cannot be changed.
 *
 * @see https://doc.qt.io/qt-6/qhostaddress.html
 */
export class QHostAddress {
  #protocol: NetworkLayerProtocol = NetworkLayerProtocol.UnknownNetworkLayerProtocol;
  #ipv4 = 0;
  #ipv6: Uint8Array | undefined;
  #scopeId = '';

  static readonly SpecialAddress: typeof SpecialAddress = SpecialAddress;
  static readonly Null: QHostAddress = new QHostAddress(SpecialAddress.Null).#frozen();
  static readonly Broadcast: QHostAddress = new QHostAddress(SpecialAddress.Broadcast).#frozen();
  static readonly LocalHost: QHostAddress = new QHostAddress(SpecialAddress.LocalHost).#frozen();
  static readonly LocalHostIPv6: QHostAddress = new QHostAddress(
    SpecialAddress.LocalHostIPv6,
  ).#frozen();
  static readonly Any: QHostAddress = new QHostAddress(SpecialAddress.Any).#frozen();
  static readonly AnyIPv6: QHostAddress = new QHostAddress(SpecialAddress.AnyIPv6).#frozen();
  static readonly AnyIPv4: QHostAddress = new QHostAddress(SpecialAddress.AnyIPv4).#frozen();

  static {
    // console.log() of Node sees no private fields, and asks by this name what to show.
    Object.defineProperty(this.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: QHostAddress) {
        return `QHostAddress("${this.toString()}")`;
      },
    });
  }

  /**
   * Makes the address that `address` says; null without it, or when its text is no numeric address.
   */
  constructor(address: string | SpecialAddress | QHostAddress = SpecialAddress.Null) {
    this.#assign(address);
  }

  /**
   * Takes another address; what is no numeric address makes it null.
   *
   * @returns whether `address` is one.
   * @throws TypeError on one of the constants.
   */
  setAddress(address: string | SpecialAddress): boolean {
    if (Object.isFrozen(this)) throw new TypeError('A constant address cannot be changed.');
    return this.#assign(address);
  }

  /**
   * Makes the address null.
   *
   * @throws TypeError on one of the constants.
   */
  clear(): void {
    this.setAddress(SpecialAddress.Null);
  }

  /** Whether there is no address. */
  isNull(): boolean {
    return this.#protocol === NetworkLayerProtocol.UnknownNetworkLayerProtocol;
  }

  /** Whether it leads back to this host: 127.0.0.0/8, the same mapped into IPv6, or ::1. */
  isLoopback(): boolean {
    const ipv4 = this.toIPv4Address();
    if (ipv4 !== undefined) return ipv4 >>> 24 === 127;
    return this.equals(SpecialAddress.LocalHostIPv6);
  }

  /**
   * The version of the address: `AnyIPProtocol` for {@link SpecialAddress.Any}, unknown when it is
   * null.
   */
  protocol(): NetworkLayerProtocol {
    return this.#protocol;
  }

  /**
   * The address as an unsigned 32-bit number, also of an IPv4-mapped IPv6 address; 0 for {@link
   * SpecialAddress.Any}.
   *
   * @returns undefined where Qt sets `*ok` to false: when it is null or another IPv6 address.
   */
  toIPv4Address(): number | undefined {
    if (this.#ipv6 !== undefined) return mappedIPv4(this.#ipv6);
    return this.isNull() ? undefined : this.#ipv4;
  }

  /**
   * The 16 bytes of the address in network order: IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2),
   * null and {@link SpecialAddress.Any} give zeros. The bytes are the caller's own.
   */
  toIPv6Address(): Uint8Array {
    if (this.#ipv6 !== undefined) return this.#ipv6.slice();
    const bytes = new Uint8Array(16);
    if (this.#protocol !== NetworkLayerProtocol.IPv4Protocol) return bytes;
    bytes.fill(0xff, 10, 12);
    new DataView(bytes.buffer).setUint32(12, this.#ipv4);
    return bytes;
  }

  /**
   * The interface that a link-local IPv6 address belongs to, such as `eth0`; '' when it is not
   * said.
   */
  scopeId(): string {
    return this.#scopeId;
  }

  /**
   * The address as text: four decimal numbers, or RFC 5952's form of IPv6 with `%` and the scope id
   * behind.
   *
   * {@link SpecialAddress.Any} is "0.0.0.0", null is ''.
   */
  toString(): string {
    if (this.isNull()) return '';
    if (this.#ipv6 === undefined) return formatIPv4(this.#ipv4);
    const text = formatIPv6(this.#ipv6);
    return this.#scopeId === '' ? text : `${text}%${this.#scopeId}`;
  }

  /** The text that `JSON.stringify()` writes: {@link toString}. */
  toJSON(): string {
    return this.toString();
  }

  /**
   * Whether both are the same address of the same protocol: an IPv4 address never equals its mapped
   * form, nor `Any` the address `AnyIPv4`. Scope ids are not compared, as in Qt.
   */
  equals(other: QHostAddress | SpecialAddress): boolean {
    const address = other instanceof QHostAddress ? other : new QHostAddress(other);
    if (this.#protocol !== address.#protocol || this.#ipv4 !== address.#ipv4) return false;
    return (
      this.#ipv6 === address.#ipv6 || this.#ipv6!.every((byte, i) => byte === address.#ipv6![i])
    );
  }

  /** An independent copy, which may be changed. */
  clone(): QHostAddress {
    return new QHostAddress(this);
  }

  #frozen(): this {
    Object.freeze(this);
    return this;
  }

  // TypeScript 7.0 breaks static initializers of a class whose private methods name it: no
  // `instanceof` here.
  #assign(address: string | SpecialAddress | QHostAddress): boolean {
    if (typeof address === 'string') return this.#parse(address);
    if (typeof address === 'number') {
      this.#parse(SPECIAL_TEXT[address] ?? '');
      if (address === SpecialAddress.Any) this.#protocol = NetworkLayerProtocol.AnyIPProtocol;
    } else {
      this.#set(address.#protocol, address.#ipv4, address.#ipv6, address.#scopeId);
    }
    return !this.isNull();
  }

  #parse(text: string): boolean {
    const ipv4 = parseIPv4(text);
    if (ipv4 !== undefined) {
      this.#set(NetworkLayerProtocol.IPv4Protocol, ipv4, undefined, '');
      return true;
    }
    const percent = text.indexOf('%');
    const ipv6 = parseIPv6(percent < 0 ? text : text.slice(0, percent));
    const scopeId = percent < 0 ? '' : text.slice(percent + 1);
    if (ipv6 !== undefined && (percent < 0 || SCOPE_ID.test(scopeId))) {
      this.#set(NetworkLayerProtocol.IPv6Protocol, 0, ipv6, scopeId);
      return true;
    }
    this.#set(NetworkLayerProtocol.UnknownNetworkLayerProtocol, 0, undefined, '');
    return false;
  }

  #set(
    protocol: NetworkLayerProtocol,
    ipv4: number,
    ipv6: Uint8Array | undefined,
    scopeId: string,
  ): void {
    this.#protocol = protocol;
    this.#ipv4 = ipv4;
    this.#ipv6 = ipv6;
    this.#scopeId = scopeId;
  }
}

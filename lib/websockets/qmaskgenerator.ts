import { QObject } from '../core/qobject.ts';

/**
 * Base of what makes the masking keys of a client's frames, as QMaskGenerator.
 *
 * Keys that a page's script could foresee let it write bytes of its choice into the network (RFC
 * 6455 §10.3), so a generator has to be unpredictable; one that is not is for tests.
 * `Sec-WebSocket-Key` is made of its keys, too.
 *
 * @see https://doc.qt.io/qt-6/qmaskgenerator.html
 */
export abstract class QMaskGenerator<Signals extends object = object> extends QObject<Signals> {
  /**
   * Prepares the generator. A QWebSocket never calls it; whoever makes a generator does. Returns
   * whether it is ready.
   */
  abstract seed(): boolean;

  /** The next key: an integer from 0 to 2³² − 1, its most significant byte first on the wire. */
  abstract nextMask(): number;
}

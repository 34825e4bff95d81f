import { QObject } from '../../lib/core/qobject.ts';
import type { AnyQObject } from '../../lib/core/any-qobject.ts';
import { QWebChannel } from '../../lib/webchannel/qwebchannel.ts';
import type { ObjectDescription } from '../../lib/webchannel/object-description.ts';

class Lamp extends QObject<{ brightnessChanged: []; broken: [why: string] }> {
  brightness = 0;
  name(): string {
    return 'lamp';
  }
  setName(name: string): void {
    this.setObjectName(name);
  }
  blink(times: number, colour?: string): void {
    this.brightness = times + (colour?.length ?? 0);
  }
  plug(other: AnyQObject | null): boolean {
    return other === null;
  }
  plugAny(other: QObject | null): boolean {
    return other === null;
  }
  plugLamp(other: Lamp): boolean {
    return other === this;
  }
}

describe('ObjectDescription', () => {
  it('takes what fits the class', () => {
    const description: ObjectDescription<Lamp> = {
      properties: {
        brightness: { notify: 'brightnessChanged', write: 'brightness', type: 'number' },
        label: { read: 'name', write: 'setName', type: 'string', constant: true },
      },
      methods: { blink: ['number'], plug: ['QObject'], plugAny: ['QObject'] },
      signals: ['broken'],
    };

    new QWebChannel().registerObject('lamp', new Lamp(), description);
  });

  it('is checked by the compiler', () => {
    const wrong: ObjectDescription<Lamp>[] = [
      // @ts-expect-error -- There is no such method.
      { methods: { explode: [] } },
      // @ts-expect-error -- It takes a number.
      { methods: { blink: ['string'] } },
      // @ts-expect-error -- Clients may give any object, and null.
      { methods: { plugLamp: ['QObject'] } },
      // @ts-expect-error -- It takes at least one argument.
      { methods: { blink: [] } },
      // @ts-expect-error -- It is no method.
      { methods: { brightness: [] } },
      // @ts-expect-error -- There is no such signal.
      { signals: ['exploded'] },
      // @ts-expect-error -- Does it change?
      { properties: { brightness: {} } },
      // @ts-expect-error -- Of which type is it?
      { properties: { brightness: { constant: true, write: 'brightness' } } },
      // @ts-expect-error -- It takes a number.
      { properties: { brightness: { constant: true, write: 'brightness', type: 'string' } } },
      // @ts-expect-error -- There is no such member.
      { properties: { brightness: { constant: true, read: 'dim' } } },
    ];
    void wrong;
  });
});

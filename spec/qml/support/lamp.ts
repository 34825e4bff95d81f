import type { Signal } from '../../../lib/core/signal.ts';
import { Element, type Init, type Writers } from '../../../lib/qml/element.ts';

interface LampSignals {
  brightnessChanged: [brightness: number];
  coloursChanged: [];
  switched: [isOn: boolean];
}

interface LampProperties {
  brightness: number;
  colours: readonly string[];
}

/** An element that has nothing to do with sockets. */
export class Lamp extends Element<LampSignals, LampProperties> {
  /** What had been stored when the element was complete. */
  atCompletion: number | undefined;
  #brightness = 0;
  #colours: readonly string[] = [];

  constructor(init: Init<Lamp, LampSignals, LampProperties> = {}) {
    super();
    this.create(init);
  }

  get brightnessChanged(): Signal<LampSignals['brightnessChanged']> {
    return this.signal('brightnessChanged');
  }

  get coloursChanged(): Signal<LampSignals['coloursChanged']> {
    return this.signal('coloursChanged');
  }

  get switched(): Signal<LampSignals['switched']> {
    return this.signal('switched');
  }

  get brightness(): number {
    return this.read('brightnessChanged', this.#brightness);
  }

  set brightness(brightness: number) {
    this.assign('brightness', brightness);
  }

  get colours(): readonly string[] {
    return this.read('coloursChanged', this.#colours);
  }

  set colours(colours: readonly string[]) {
    this.assign('colours', colours);
  }

  get isOn(): boolean {
    return this.#brightness > 0;
  }

  get isReady(): boolean {
    return this.isComplete;
  }

  protected override get writers(): Writers<Lamp, LampProperties> {
    return Lamp.#writers;
  }

  protected override componentComplete(): void {
    this.atCompletion = this.#brightness;
  }

  static readonly #writers: Writers<Lamp, LampProperties> = {
    brightness(value) {
      if (this.#brightness === value) return;
      this.#brightness = value;
      this.announce('brightnessChanged', value);
    },
    colours(value) {
      this.#colours = value;
      this.announce('coloursChanged');
    },
  };
}

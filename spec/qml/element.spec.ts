import { expect } from 'chai';
import sinon from 'sinon';
import { Lamp } from './support/lamp.ts';

describe('Element', () => {
  describe('the constructor', () => {
    it('takes values for properties', () => {
      expect(new Lamp({ brightness: 3 }).brightness).to.equal(3);
    });

    it('is complete when it has taken all values', () => {
      const lamp = new Lamp({ brightness: () => 3 });

      expect(lamp.atCompletion).to.equal(3);
      expect(lamp.isReady).to.equal(true);
    });

    it('connects handlers, with the element as this', () => {
      const seen: unknown[] = [];
      const lamp = new Lamp({
        onBrightnessChanged(brightness) {
          seen.push(this, brightness);
        },
      });

      lamp.brightness = 2;

      expect(seen).to.deep.equal([lamp, 2]);
    });

    it('connects handlers for the signals of every QObject', () => {
      const onDestroyed = sinon.spy();
      const lamp = new Lamp({ onDestroyed });

      lamp[Symbol.dispose]();

      sinon.assert.calledOnceWithExactly(onDestroyed, lamp);
    });

    it('does not tell handlers of literals', () => {
      const onBrightnessChanged = sinon.spy();
      const lamp = new Lamp({ onBrightnessChanged, brightness: 2 });

      sinon.assert.notCalled(onBrightnessChanged);
      expect(lamp.brightness).to.equal(2);
    });

    it('tells handlers of lists and of what expressions yield', () => {
      const onBrightnessChanged = sinon.spy();
      const onColoursChanged = sinon.spy();
      const lamp = new Lamp({
        colours: ['red'],
        brightness: () => 2,
        onBrightnessChanged,
        onColoursChanged,
      });

      sinon.assert.calledOnceWithExactly(onBrightnessChanged, 2);
      sinon.assert.calledOnceWithExactly(onColoursChanged);
      expect(lamp.colours).to.deep.equal(['red']);
    });

    it('lets expressions see what literals have set', () => {
      const lamp = new Lamp({
        colours() {
          return [`${this.brightness}`];
        },
        brightness: 4,
      });

      expect(lamp.colours).to.deep.equal(['4']);
    });

    const wrong: Record<string, [init: object, message: string]> = {
      'a property that does not exist': [
        { voltage: 230 },
        'Cannot assign to non-existent property "voltage".',
      ],
      'a read-only property': [{ isOn: true }, 'Cannot assign to read-only property "isOn".'],
      'a method': [{ bind: () => {} }, 'Cannot assign to read-only property "bind".'],
      'a handler without a signal': [
        { onExploded: () => {} },
        'There is no signal for "onExploded".',
      ],
      'a handler that is no function': [
        { onSwitched: 'off' },
        'The handler "onSwitched" is no function.',
      ],
    };
    for (const [what, [init, message]] of Object.entries(wrong)) {
      it(`refuses ${what}`, () => {
        expect(() => new Lamp(init)).to.throw(TypeError, message);
      });
    }

    it('has its types checked by the compiler', () => {
      // @ts-expect-error a property has a type
      expect(new Lamp({ brightness: 'high' }).brightness).to.equal('high');
      // @ts-expect-error so has what an expression yields
      expect(new Lamp({ brightness: () => 'high' }).brightness).to.equal('high');
      // @ts-expect-error there is no such signal
      expect(() => new Lamp({ onExploded: () => {} })).to.throw(TypeError);
    });
  });

  describe('a property', () => {
    it('follows the properties that its expression reads', () => {
      const leader = new Lamp({ brightness: 1 });
      const follower = new Lamp({ brightness: () => leader.brightness * 2 });

      leader.brightness = 5;

      expect(follower.brightness).to.equal(10);
    });

    it('follows through several bindings', () => {
      const leader = new Lamp({ brightness: 1 });
      const second = new Lamp({ brightness: () => leader.brightness + 1 });
      const third = new Lamp({ brightness: () => second.brightness + 1 });

      leader.brightness = 5;

      expect(third.brightness).to.equal(7);
    });

    it('follows no longer when a value is assigned', () => {
      const leader = new Lamp({ brightness: 1 });
      const follower = new Lamp({ brightness: () => leader.brightness });

      follower.brightness = 9;
      leader.brightness = 5;

      expect(follower.brightness).to.equal(9);
    });

    it('follows no longer when a value is assigned in its own handler', () => {
      const leader = new Lamp({ brightness: 1 });
      const follower = new Lamp({
        brightness: () => leader.brightness,
        onBrightnessChanged(brightness) {
          if (brightness === 5) this.brightness = 9;
        },
      });

      leader.brightness = 5;
      leader.brightness = 6;

      expect(follower.brightness).to.equal(9);
    });

    it('does not change any more when the element is destroyed', () => {
      const leader = new Lamp({ brightness: 1 });
      const follower = new Lamp({ brightness: () => leader.brightness });

      follower[Symbol.dispose]();
      leader.brightness = 5;

      expect(follower.brightness).to.equal(1);
      expect(follower.isReady).to.equal(false);
    });
  });

  describe('bind()', () => {
    it('binds an assigned property', () => {
      const leader = new Lamp({ brightness: 1 });
      const follower = new Lamp({ brightness: 4 });

      follower.bind('brightness', () => leader.brightness);
      leader.brightness = 2;

      expect(follower.brightness).to.equal(2);
    });

    it('takes the place of an earlier binding', () => {
      const first = new Lamp({ brightness: 1 });
      const second = new Lamp({ brightness: 2 });
      const follower = new Lamp({ brightness: () => first.brightness });

      follower.bind('brightness', () => second.brightness);
      first.brightness = 7;

      expect(follower.brightness).to.equal(2);
    });

    it('calls the expression on the element', () => {
      const lamp = new Lamp({ colours: ['red', 'blue'] });

      lamp.bind('brightness', function () {
        return this.colours.length;
      });
      lamp.colours = ['red'];

      expect(lamp.brightness).to.equal(1);
    });

    it('stops two properties that change each other', () => {
      const warn = sinon.stub(console, 'warn');
      const one = new Lamp();
      const other = new Lamp({ brightness: () => one.brightness + 1 });

      one.bind('brightness', () => other.brightness + 1);
      warn.restore();

      sinon.assert.calledOnceWithExactly(warn, 'Binding loop detected for property "brightness".');
      expect([one.brightness, other.brightness]).to.deep.equal([2, 3]);
    });

    it('refuses what cannot be assigned', () => {
      const lamp = new Lamp();

      expect(() => lamp.bind('isOn' as never, (() => true) as never)).to.throw(
        TypeError,
        'Cannot assign to read-only property "isOn".',
      );
    });
  });
});

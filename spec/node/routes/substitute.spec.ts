import { expect } from 'chai';
import type { Route } from '../../../lib/node/routes/route.ts';
import { goBy, substituteFor, type RouteFactory } from '../../../lib/node/routes/substitute.ts';

const newRoute: RouteFactory = () => ({}) as Route;

describe('goBy()', () => {
  it('has whoever opens within its action go by the route, then and later', () => {
    const opener = {};
    let taken: RouteFactory | undefined;
    goBy(newRoute, () => {
      taken = substituteFor(opener);
    });

    expect(taken).to.equal(newRoute);
    expect(substituteFor(opener)).to.equal(newRoute);
  });

  it('has the last route count', () => {
    const opener = {};
    const other: RouteFactory = () => ({}) as Route;
    goBy(newRoute, () => substituteFor(opener));
    goBy(other, () => substituteFor(opener));

    expect(substituteFor(opener)).to.equal(other);
  });

  it('leaves to the network what others open besides', () => {
    let second: RouteFactory | undefined = newRoute;
    goBy(newRoute, () => {
      substituteFor({});
      second = substituteFor({});
    });

    expect(second).to.equal(undefined);
  });

  it('leaves to the network what others open afterwards, also when the action has thrown', () => {
    expect(() =>
      goBy(newRoute, () => {
        throw new Error('no');
      }),
    ).to.throw('no');

    expect(substituteFor({})).to.equal(undefined);
  });
});

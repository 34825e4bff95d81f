import { expect } from 'chai';
import type { Route } from '../../../lib/node/routes/route.ts';
import { goBy, takeSubstitute, type RouteFactory } from '../../../lib/node/routes/substitute.ts';

const newRoute: RouteFactory = () => ({}) as Route;

describe('goBy()', () => {
  it('has what is opened within its action go by the route', () => {
    let taken: RouteFactory | undefined;
    goBy(newRoute, () => {
      taken = takeSubstitute();
    });

    expect(taken).to.equal(newRoute);
  });

  it('leaves to the network what is opened besides', () => {
    let second: RouteFactory | undefined = newRoute;
    goBy(newRoute, () => {
      takeSubstitute();
      second = takeSubstitute();
    });

    expect(second).to.equal(undefined);
  });

  it('leaves to the network what is opened afterwards, also when the action has thrown', () => {
    expect(() =>
      goBy(newRoute, () => {
        throw new Error('no');
      }),
    ).to.throw('no');

    expect(takeSubstitute()).to.equal(undefined);
  });
});

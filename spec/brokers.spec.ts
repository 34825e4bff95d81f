import { expect } from 'chai';
import * as door from '../lib/brokers.ts';

describe('the door to brokers', () => {
  it('exports the public names, and no others', () => {
    expect(Object.keys(door).toSorted()).to.deep.equal(['TopicBroker', 'connectTopicBroker']);
  });
});

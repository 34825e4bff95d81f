// A program that shares topics over a broker, in whatever runs it.
//
//   RUNTIME brokers.mjs URL [FILE-OF-AN-AUTHORITY]
//
// Prints "values" when values, messages and bytes have gone from one broker to another, "away" and
// "back" when the broker goes and comes, "left" when a value has gone by it once more; then it ends.
import { QSslConfiguration } from '../../dist/esm/index.js';
import { connectTopicBroker } from '../../dist/esm/brokers.js';

const [, , url, authority] = process.argv;

const options = {};
if (authority !== undefined) {
  options.sslConfiguration = QSslConfiguration.defaultConfiguration();
  options.sslConfiguration.addCaCertificates(authority);
}
const [one, two] = [await connectTopicBroker(url, options), await connectTopicBroker(url, options)];

const got = [];
two.messageReceived.connect((_, { content }) => got.push(content));
two.subscribe('AAPL');
await two.latest('AAPL');
await one.retain('AAPL', 'Grüße');
one.publish('AAPL', Uint8Array.of(0, 255));
await has(() => got.length === 2);
equal(got[0], 'Grüße');
equal([...got[1]].join(), '0,255');
equal((await two.latest('AAPL')).content, 'Grüße');
console.log('values');

await has(() => !one.isConnected() && !two.isConnected());
console.log('away');
await has(() => one.isConnected() && two.isConnected());
console.log('back');
await two.latest('AAPL');
await one.retain('AAPL', 'again');
await has(() => got.at(-1) === 'again');
await one.close();
await two.close();
console.log('left');

async function has(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function equal(actual, expected) {
  if (actual !== expected) throw new Error(`${actual} instead of ${expected}`);
}

import { connectTopicBroker, type TopicBroker } from 'qwebsockets/brokers';
import type { CommandLine } from '../support/command-line.ts';

/** The option of programs that share their topics. */
export const brokerOption = {
  broker: {
    value: 'url',
    help: 'nats:// or redis://, to run in many processes [default: $BROKER_URL, or none].',
    default: process.env['BROKER_URL'] ?? '',
  },
} as const;

/** The broker that the option names, or null; without a connection to it the program ends. */
export async function connectBroker(parser: CommandLine<'broker'>): Promise<TopicBroker | null> {
  const url = parser.value('broker');
  if (url === '') return null;
  try {
    const broker = await connectTopicBroker(url, { prefix: 'stockticker' });
    broker.disconnected.connect((reason) => console.error(`The broker is away: ${reason}`));
    broker.connected.connect(() => console.error('The broker is back.'));
    broker.errorOccurred.connect((description) => console.error(description));
    return broker;
  } catch (error) {
    return parser.fail((error as Error).message);
  }
}

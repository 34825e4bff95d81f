/**
 * The door to brokers, which carry the topics of servers between processes.
 *
 * @module qwebsockets/brokers
 */
export { connectTopicBroker, type TopicBrokerOptions } from './brokers/connect-topic-broker.ts';
export {
  TopicBroker,
  type BrokerMessage,
  type TopicBrokerSignals,
  type TopicContent,
} from './websockets/topic-broker.ts';

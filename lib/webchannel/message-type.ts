/** What a message of Qt WebChannel is about, in both directions. */
export const MessageType = {
  Signal: 1,
  PropertyUpdate: 2,
  Init: 3,
  Idle: 4,
  Debug: 5,
  InvokeMethod: 6,
  ConnectToSignal: 7,
  DisconnectFromSignal: 8,
  SetProperty: 9,
  Response: 10,
} as const;

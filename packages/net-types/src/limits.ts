/** Connections that nobody has accepted yet, per transport. */
export const connectionsWaitingMax = 64;

/** Streams that nobody has accepted yet, per connection. Each may pin a flow-control window's worth of memory. */
export const streamsWaitingMax = 32;

/** Of the words that go with a close. */
export const closeReasonBytesMax = 200;

/**
 * What either side of the socket takes in one message. A batch may fill an entry (1 MiB of canonical bytes), and protobuf
 * adds a few bytes to every operation of it, which for the smallest ones is as much again.
 */
export const messageBytesMax = 4 * 1024 * 1024;

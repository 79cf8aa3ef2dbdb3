import type { Socket } from 'node:net';

/** How an HTTP/2 connection begins (RFC 9113, section 3.4); no method of HTTP/1.1 does. */
const http2Start = Buffer.from('PRI');

/**
 * Tells which HTTP a connection speaks by its first bytes, so that both are served on one socket: HTTP/2 for calls that
 * stream both ways, HTTP/1.1 for whoever has only that. What was read is put back.
 */
export function onHttpVersion(
  socket: Socket,
  handlers: { readonly http1: (socket: Socket) => void; readonly http2: (socket: Socket) => void },
): void {
  let seen = Buffer.alloc(0);
  const look = (bytes: Buffer) => {
    seen = Buffer.concat([seen, bytes]);
    const start = seen.subarray(0, http2Start.length);
    const couldBeHttp2 = http2Start.subarray(0, start.length).equals(start);
    if (couldBeHttp2 && seen.length < http2Start.length) return;
    socket.off('data', look);
    socket.pause();
    socket.unshift(seen);
    // An HTTP/2 session takes what is buffered by itself; an HTTP/1.1 server waits for it to flow.
    if (couldBeHttp2) return handlers.http2(socket);
    handlers.http1(socket);
    socket.resume();
  };
  socket.on('data', look);
}

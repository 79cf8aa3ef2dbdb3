import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import { type ConnectRouter, createConnectRouter } from '@connectrpc/connect';
import { universalRequestFromNodeRequest, universalResponseToNodeResponse } from '@connectrpc/connect-node';
import { messageBytesMax } from '@lattice/api';
import type { Logger, Timers } from '@lattice/model';

/** How long the one message of a call that streams nothing may take to arrive. */
const messageWithinMs = 30_000;

export type RequestHandler = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/**
 * Connect's own adapter for Node lets a request without a host throw into the event loop, where it ends the process, and
 * writes every client that hung up to standard error. Hence this one.
 */
export function requestHandler(
  routes: (router: ConnectRouter) => void,
  options: { readonly shutdown: AbortSignal; readonly logger: Logger; readonly timers: Timers },
): RequestHandler {
  const router = createConnectRouter({ readMaxBytes: messageBytesMax, shutdownSignal: options.shutdown });
  routes(router);
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  return (request, response) => {
    const handler = handlers.get((request.url ?? '').split('?', 1)[0] ?? '');
    if (handler === undefined) return refuse(response, 404);
    if (handler.method.methodKind === 'unary') {
      const cancel = options.timers.after(messageWithinMs, () => request.socket.destroy());
      for (const event of ['end', 'close']) request.once(event, cancel);
      response.once('close', cancel);
    }
    const answer = async () => {
      const call = universalRequestFromNodeRequest(request, response, undefined, undefined);
      await universalResponseToNodeResponse(await handler(call), response);
    };
    answer().catch((error: unknown) => {
      options.logger.log('debug', 'a request ended early', {
        path: handler.requestPath,
        reason: String(error),
      });
      if (response.headersSent) response.destroy();
      else refuse(response, 400);
    });
  };
}

function refuse(response: ServerResponse | Http2ServerResponse, status: number): void {
  response.statusCode = status;
  response.end();
}

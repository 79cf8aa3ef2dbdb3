import type { Interceptor } from '@connectrpc/connect';
import { toConnectError } from '@lattice/api';

/** Gives every error that leaves the service its stable code, also one that ends a stream halfway. */
export const errorsWithCodes: Interceptor = (next) => async (request) => {
  try {
    const response = await next(request);
    return response.stream ? { ...response, message: withCodes(response.message) } : response;
  } catch (error) {
    throw toConnectError(error);
  }
};

async function* withCodes<T>(messages: AsyncIterable<T>): AsyncGenerator<T> {
  try {
    yield* messages;
  } catch (error) {
    throw toConnectError(error);
  }
}

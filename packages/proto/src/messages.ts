import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf';
import { messageOf } from '@lattice/model';
import { MalformedError } from './malformed.js';

/** A message of a schema, with the fields given. */
export function newMessage<Schema extends DescMessage>(
  schema: Schema,
  fields: MessageInitShape<Schema>,
): MessageShape<Schema> {
  return create(schema, fields);
}

export function encodeMessage<Schema extends DescMessage>(
  schema: Schema,
  message: MessageShape<Schema>,
): Uint8Array {
  return toBinary(schema, message);
}

/** Throws `MalformedError`. Fields of later versions are passed over. */
export function decodeMessage<Schema extends DescMessage>(
  schema: Schema,
  bytes: Uint8Array,
): MessageShape<Schema> {
  try {
    return fromBinary(schema, bytes, { readUnknownFields: false });
  } catch (error) {
    throw new MalformedError(`not a ${schema.name} message: ${messageOf(error)}`);
  }
}

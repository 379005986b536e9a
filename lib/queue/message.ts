import { type Envelope, MAX_MESSAGE_BODY_BYTES, type QueueMessage } from './interface.ts';

/** The parts of an SQS record, as a Lambda event holds it, that a message is made of. */
export interface SqsRecord {
  readonly messageId: string;
  readonly body: string;
  readonly messageAttributes: Readonly<
    Record<string, { readonly stringValue?: string | undefined; readonly dataType?: string }>
  >;
}

/** A message as SQS carries it: text, and string attributes. */
export interface EncodedMessage {
  /** Base64 of the compressed request. */
  readonly body: string;
  readonly attributes: Readonly<Record<keyof Envelope, string>>;
}

/** The record is no message of ours and never will be: it belongs in the dead letters. */
export class PoisonMessageError extends Error {
  override name = 'PoisonMessageError';
}

/** SQS counts the name, the type and the value of every attribute, and the body, in UTF-8 bytes. */
export const MAX_SQS_BYTES = 1024 * 1024;

/** SQS's own type of every attribute. */
export const ATTRIBUTE_TYPE = 'String';

/**
 * Reads a record that `encodeMessage` wrote.
 *
 * @throws PoisonMessageError naming the record and the part that is missing or malformed.
 */
export function decodeSqsRecord(record: SqsRecord): QueueMessage {
  const read = (name: keyof Envelope) => readAttribute(record, name);
  return {
    envelope: {
      id: read('id'),
      tenant: read('tenant'),
      source: read('source'),
      plan: read('plan'),
      receivedAt: readMilliseconds(record, 'receivedAt'),
      account: read('account'),
    },
    body: readBody(record),
  };
}

/** @throws Error (BUG) when a part is empty or too large for SQS: the receiver splits requests before it queues them. */
export function encodeMessage({ envelope, body }: QueueMessage): EncodedMessage {
  if (body.length === 0 || body.length > MAX_MESSAGE_BODY_BYTES) {
    throw new Error(
      `BUG: message ${envelope.id} has a body of ${body.length} bytes, not 1 to ${MAX_MESSAGE_BODY_BYTES}`,
    );
  }
  const attributes = {
    id: envelope.id,
    tenant: envelope.tenant,
    source: envelope.source,
    plan: envelope.plan,
    receivedAt: String(envelope.receivedAt),
    account: escapeForSqs(envelope.account),
  };
  for (const [name, value] of Object.entries(attributes)) {
    if (value === '') throw new Error(`BUG: message ${envelope.id} has an empty ${name}, which SQS refuses`);
  }
  const encoded = { body: Buffer.from(body.buffer, body.byteOffset, body.length).toString('base64'), attributes };
  const bytes = sqsBytes(encoded);
  if (bytes > MAX_SQS_BYTES) {
    throw new Error(`BUG: message ${envelope.id} is ${bytes} bytes in SQS, more than ${MAX_SQS_BYTES}`);
  }
  return encoded;
}

/** What a message counts against the 1 MiB of a message and of a batch. */
export function sqsBytes({ body, attributes }: EncodedMessage): number {
  let bytes = Buffer.byteLength(body);
  for (const [name, value] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + ATTRIBUTE_TYPE.length + Buffer.byteLength(value);
  }
  return bytes;
}

/**
 * SQS takes only the characters of XML 1.0, and an account quotes labels, which may hold any. The account is JSON, so
 * the few others can be written as escapes without changing what it says.
 */
export function escapeForSqs(json: string): string {
  return json.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that SQS refuses
    /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function readAttribute(record: SqsRecord, name: keyof Envelope): string {
  const attribute = record.messageAttributes?.[name];
  if (attribute === undefined) throw poison(record, `attribute ${name} is missing`);
  const value = attribute.stringValue;
  if (typeof value !== 'string' || value === '') throw poison(record, `attribute ${name} is not a non-empty string`);
  return value;
}

function readMilliseconds(record: SqsRecord, name: keyof Envelope): number {
  const text = readAttribute(record, name);
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw poison(record, `attribute ${name} is ${JSON.stringify(text.slice(0, 50))}, not milliseconds since the epoch`);
  }
  return value;
}

function readBody(record: SqsRecord): Uint8Array {
  const { body } = record;
  if (typeof body !== 'string' || body === '') throw poison(record, 'the body is empty');
  if (body.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(body)) throw poison(record, 'the body is not base64');
  return Buffer.from(body, 'base64');
}

function poison(record: SqsRecord, cause: string): PoisonMessageError {
  return new PoisonMessageError(`cannot decode message ${record.messageId}: ${cause}`);
}

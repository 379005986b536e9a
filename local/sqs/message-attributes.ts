import { createHash } from 'node:crypto';
import { invalidParameter } from './sqs-error.ts';

/** A message attribute as the JSON protocol spells it; `BinaryValue` is base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

const MAX_ATTRIBUTES = 10;

/** @throws SqsError where SQS refuses the attributes. */
export function checkAttributes(attributes: MessageAttributes): void {
  const names = Object.keys(attributes);
  if (names.length > MAX_ATTRIBUTES) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${MAX_ATTRIBUTES}].`,
    );
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name)) throw invalidParameter(`Invalid message attribute name: '${name}'.`);
    const kind = /^(String|Number|Binary)(\..+)?$/.exec(attribute.DataType ?? '')?.[1];
    if (kind === undefined) {
      throw invalidParameter(`The type of message (user) attribute '${name}' is invalid: '${attribute.DataType}'.`);
    }
    if (!(kind === 'Binary' ? attribute.BinaryValue : attribute.StringValue)) {
      throw invalidParameter(`Message (user) attribute '${name}' must contain a non-empty value of type '${kind}'.`);
    }
  }
}

/** What attributes count against the size limit: name, type and value, in bytes. */
export function attributeBytes(attributes: MessageAttributes): number {
  let bytes = 0;
  for (const [name, attribute] of Object.entries(attributes)) {
    bytes += Buffer.byteLength(name) + Buffer.byteLength(attribute.DataType) + valueBytes(attribute).length;
  }
  return bytes;
}

/** The digest that SQS answers with: over names in order, each part after its length in four bytes. */
export function attributesMd5(attributes: MessageAttributes): string {
  const hash = createHash('md5');
  const update = (part: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(part.length);
    hash.update(length).update(part);
  };
  for (const name of Object.keys(attributes).sort()) {
    const attribute = attributes[name] as MessageAttribute;
    update(Buffer.from(name));
    update(Buffer.from(attribute.DataType));
    hash.update(Buffer.from([attribute.BinaryValue === undefined ? 1 : 2]));
    update(valueBytes(attribute));
  }
  return hash.digest('hex');
}

/** The attributes that a receiver asked for: by name, by `prefix.*`, or `All`. */
export function selectAttributes(attributes: MessageAttributes, wanted: readonly string[]): MessageAttributes {
  const isWanted = (name: string) =>
    wanted.some((pattern) =>
      pattern === 'All' || pattern === '.*'
        ? true
        : pattern.endsWith('.*')
          ? name.startsWith(pattern.slice(0, -1))
          : name === pattern,
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => isWanted(name)));
}

function valueBytes(attribute: MessageAttribute): Buffer {
  return attribute.BinaryValue === undefined
    ? Buffer.from(attribute.StringValue ?? '')
    : Buffer.from(attribute.BinaryValue, 'base64');
}

/** A batch of which one half is passed on, and the answer that admits it. */
export interface HalvedBatch {
  readonly taken: Buffer;
  /** The answer to the whole batch, made of the answer to the half that was taken. */
  readonly answerOf: (reply: Buffer) => Buffer;
}

type Json = Record<string, unknown>;

/** Takes the first half, rounded up, of a batch; SQS calls the rest failed, DynamoDB unprocessed. */
export function halve(action: string, body: Buffer): HalvedBatch {
  const input = JSON.parse(body.toString()) as Json;
  return action.startsWith('SQS.') ? halveEntries(input) : halveItems(input);
}

function halveEntries(input: Json): HalvedBatch {
  const entries = input['Entries'] as { readonly Id: string }[];
  const middle = Math.ceil(entries.length / 2);
  const failed = entries
    .slice(middle)
    .map(({ Id }) => ({ Id, Code: 'InternalError', Message: 'try again', SenderFault: false }));
  return {
    taken: write({ ...input, Entries: entries.slice(0, middle) }),
    answerOf: (reply) => {
      const { Failed = [], ...output } = JSON.parse(reply.toString()) as Json & { Failed?: unknown[] };
      return write({ ...output, Failed: [...Failed, ...failed] });
    },
  };
}

function halveItems(input: Json): HalvedBatch {
  const [first, second]: [Json, Json] = [{}, {}];
  for (const [table, requests] of Object.entries(input['RequestItems'] as Json)) {
    // A read has keys with options around them, a write is the list itself.
    const of = (part: unknown[]) => (Array.isArray(requests) ? part : { ...(requests as Json), Keys: part });
    const all = Array.isArray(requests) ? requests : ((requests as Json)['Keys'] as unknown[]);
    const middle = Math.ceil(all.length / 2);
    first[table] = of(all.slice(0, middle));
    if (middle < all.length) second[table] = of(all.slice(middle));
  }
  const isRead = Object.values(first).some((requests) => !Array.isArray(requests));
  const rest = isRead ? 'UnprocessedKeys' : 'UnprocessedItems';
  return {
    taken: write({ ...input, RequestItems: first }),
    answerOf: (reply) => {
      const output = JSON.parse(reply.toString()) as Json;
      const left = (output[rest] ?? {}) as Json;
      return write({ ...output, [rest]: Object.keys(second).length > 0 ? { ...left, ...second } : left });
    },
  };
}

function write(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

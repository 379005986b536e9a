import { describe, expect, it } from 'vitest';
import { failureOf } from '../../lib/queue/failure.ts';

const recordOf = (stringValue?: string) => ({
  messageAttributes: stringValue === undefined ? {} : { failure: { stringValue, dataType: 'String' } },
});

describe('failureOf', () => {
  it('reads what a worker wrote', () => {
    const failure = { error: 'Error: no', failedAt: 1_795_000_000_000, receives: 5 };
    expect(failureOf(recordOf(JSON.stringify(failure)))).toEqual(failure);
  });

  it('is nothing where the queue moved the message itself, or the attribute is not ours', () => {
    expect(failureOf(recordOf())).toBeUndefined();
    expect(failureOf(recordOf('because'))).toBeUndefined();
  });
});

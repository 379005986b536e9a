import { describe, expect, it } from 'vitest';
import { DeadLetters } from '../../lib/queue/dead-letters.ts';
import { failureOf } from '../../lib/queue/failure.ts';
import type { SqsRecord } from '../../lib/queue/message.ts';

const NOW = 1_795_000_000_000;

describe('DeadLetters', () => {
  it('sends the message as it is, and its failure beside it', async () => {
    const { letters, calls } = fixture();
    const error = new Error('cannot write', { cause: new TypeError('no "table"\n\u0000') });
    await letters.bury({ record: recordOf({ tenant: 'acme' }), receives: 5, error });
    expect(calls).toHaveLength(1);
    expect(calls[0]).toMatchObject({ QueueUrl: 'https://sqs/dead', MessageBody: 'Ym9keQ==' });
    const attributes = calls[0]?.MessageAttributes ?? {};
    expect(attributes['tenant']).toEqual({ DataType: 'String', StringValue: 'acme' });
    const failure = attributes['failure']?.StringValue ?? '';
    // biome-ignore lint/suspicious/noControlCharactersInRegex: SQS refuses these characters
    expect(failure).not.toMatch(/[\u0000-\u001f]/);
    expect(failureOf(recordOf({ failure }))).toEqual({
      error: 'Error: cannot write; caused by TypeError: no "table"\n\u0000',
      failedAt: NOW,
      receives: 5,
    });
  });

  it('sends what was taken out of a message as a message of its own, with its failure', async () => {
    const { letters, calls } = fixture();
    const envelope = { id: 'r-0-aside', tenant: 'acme', source: 'main', plan: 'p', receivedAt: NOW, account: '{}' };
    await letters.setAside({ envelope, body: Buffer.from('body') }, new Error('cannot store'));
    expect(calls).toMatchObject([{ QueueUrl: 'https://sqs/dead', MessageBody: 'Ym9keQ==' }]);
    const attributes = calls[0]?.MessageAttributes ?? {};
    expect(attributes['id']?.StringValue).toBe('r-0-aside');
    const failure = attributes['failure']?.StringValue ?? '';
    expect(failureOf(recordOf({ failure }))).toEqual({ error: 'Error: cannot store', failedAt: NOW, receives: 1 });
  });

  it('knows the last delivery', () => {
    const { letters } = fixture();
    expect([1, 4, 5, 6, Number.NaN].map((receives) => letters.isLast(receives))).toEqual([
      false,
      false,
      true,
      true,
      false,
    ]);
  });

  it('does not send what would not fit with its failure', async () => {
    const { letters, calls } = fixture();
    const bury = (record: SqsRecord) => letters.bury({ record, receives: 5, error: new Error('x') });
    await expect(bury({ ...recordOf({}), body: 'x'.repeat(1024 * 1024 - 20) })).rejects.toThrow(/cannot add its error/);
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`a${i}`, 'x']));
    await expect(bury(recordOf(ten))).rejects.toThrow(/11 attributes/);
    const binary = { messageAttributes: { a: { dataType: 'Binary', stringValue: undefined } } };
    await expect(bury({ ...recordOf({}), ...binary })).rejects.toThrow(/attributes that are no text/);
    expect(calls).toEqual([]);
  });

  it('bounds what an error may say', async () => {
    const { letters, calls } = fixture();
    await letters.bury({ record: recordOf({}), receives: 5, error: new Error('x'.repeat(1e6)) });
    expect(calls[0]?.MessageAttributes?.['failure']?.StringValue.length).toBeLessThan(2200);
  });

  it('says so where the dead letter is not durable', async () => {
    const letters = new DeadLetters({
      call: () => Promise.reject(new Error('no line')),
      queueUrl: 'https://sqs/dead',
      maxReceives: 5,
      now: () => NOW,
    });
    await expect(letters.bury({ record: recordOf({}), receives: 5, error: new Error('x') })).rejects.toThrow('no line');
  });
});

interface Sent {
  readonly QueueUrl: string;
  readonly MessageBody: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
}

function fixture() {
  const calls: Sent[] = [];
  const call = async (_: string, body: string) => {
    calls.push(JSON.parse(body) as Sent);
    return '{}';
  };
  return { calls, letters: new DeadLetters({ call, queueUrl: 'https://sqs/dead', maxReceives: 5, now: () => NOW }) };
}

function recordOf(attributes: Readonly<Record<string, string>>): SqsRecord {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  );
  return { messageId: 'message-1', body: 'Ym9keQ==', messageAttributes };
}

import { describe, expect, it } from 'vitest';
import type { DeadLetterLook, DeadLetterReader, WaitingLetter } from '../../lib/queue/dead-letter-reader.ts';
import { QueueUnavailableError } from '../../lib/queue/interface.ts';
import { apiOf, get, NOW } from './fixture.ts';

const PATH = '/api/v1/status/dead-letters';

function letter(sentAt: number, attributes: Readonly<Record<string, string>>): WaitingLetter {
  const messageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, stringValue]) => [name, { stringValue, dataType: 'String' }]),
  );
  return { sentAt, record: { messageId: String(sentAt), body: 'Ym9keQ==', messageAttributes } };
}

const failure = (error: string) => JSON.stringify({ error, failedAt: NOW, receives: 5 });

async function statusOf(letters: readonly WaitingLetter[], isComplete = true) {
  const look = async (): Promise<DeadLetterLook> => ({ letters, isComplete });
  const response = await apiOf({ deadLetters: { look } }).fetch(get(PATH));
  return ((await response.json()) as { readonly data: unknown }).data;
}

describe('/api/v1/status/dead-letters', () => {
  it('counts the letters of the tenant alone, by error, most first', async () => {
    const own = { tenant: 'acme', source: 'main' };
    const data = await statusOf([
      letter(NOW - 1000, { ...own, failure: failure('Error: a') }),
      letter(NOW - 3000, { ...own, failure: failure('Error: b') }),
      letter(NOW - 2000, { ...own, source: 'edge', failure: failure('Error: b') }),
      letter(NOW - 500, own),
      letter(NOW - 9000, { tenant: 'other', source: 'main', failure: failure("Error: other's secret") }),
      letter(NOW - 9000, { failure: failure('Error: of nobody') }),
    ]);
    expect(data).toEqual({
      now: NOW,
      complete: true,
      count: 4,
      oldest: NOW - 3000,
      errors: [
        { error: 'Error: b', count: 2, oldest: NOW - 3000, sources: ['edge', 'main'] },
        { error: 'Error: a', count: 1, oldest: NOW - 1000, sources: ['main'] },
        { error: expect.stringMatching(/^no error is recorded/), count: 1, oldest: NOW - 500, sources: ['main'] },
      ],
    });
  });

  it('says that there is none, and that there may be more', async () => {
    expect(await statusOf([])).toEqual({ now: NOW, complete: true, count: 0, errors: [] });
    expect(await statusOf([], false)).toMatchObject({ complete: false });
  });

  it('tells nothing of the account behind the store', async () => {
    const stored =
      'StorageUnavailableError: cannot write table prod-Table-1: AccessDenied: User: arn:aws:sts::123456789012:x';
    const failures = [stored, `Error: cannot commit a; caused by ${stored}`, `${stored}; caused by AccessDenied: prod`];
    const own = { tenant: 'acme', source: 'main' };
    const letters = failures.map((error, i) => letter(NOW - i, { ...own, failure: failure(error) }));
    const { errors } = (await statusOf(letters)) as { readonly errors: readonly { readonly error: string }[] };
    const told = 'StorageUnavailableError: the store was away; tributary dlq show says why';
    expect(errors.map(({ error }) => error).sort()).toEqual([`Error: cannot commit a; caused by ${told}`, told]);
  });

  it('is bounded, whatever errors say', async () => {
    const letters = Array.from({ length: 100 }, (_, i) =>
      letter(NOW - i, { tenant: 'acme', source: 'main', failure: failure(`${i}\n\u001b[31m${'x'.repeat(2000)}`) }),
    );
    const { errors } = (await statusOf(letters)) as { readonly errors: readonly { readonly error: string }[] };
    expect(errors).toHaveLength(20);
    for (const { error } of errors) {
      expect(error.length).toBeLessThan(400);
      expect(error).not.toMatch(/\p{Cc}/u);
    }
  });

  it('says 503 where the queue cannot be asked, and 404 where there is none', async () => {
    const deadLetters: DeadLetterReader = {
      look: () => Promise.reject(new QueueUnavailableError('secret of https://sqs/1')),
    };
    const away = await apiOf({ deadLetters }).fetch(get(PATH));
    expect(away.status).toBe(503);
    expect(await away.text()).not.toContain('secret');
    expect((await apiOf().fetch(get(PATH))).status).toBe(404);
  });
});

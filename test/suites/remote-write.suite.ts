import { describe, expect, it } from 'vitest';
import { COMBINED_CASES, EXEMPLAR_CASES } from '../receiver/cases/exemplar-cases.ts';
import { HEADER_CASES } from '../receiver/cases/header-cases.ts';
import { HISTOGRAM_CASES } from '../receiver/cases/histogram-cases.ts';
import { METADATA_CASES } from '../receiver/cases/metadata-cases.ts';
import type { ReceiverCase } from '../receiver/cases/receiver-case.ts';
import { SAMPLE_CASES } from '../receiver/cases/sample-cases.ts';
import { labels, type OutgoingRequest, sampled, v1 } from '../receiver/messages.ts';

export interface ReceiverTarget {
  /** Where to write to; asked for when a test runs. */
  readonly url: () => string;
  /** Absent where the receiver asks for none. */
  readonly credentials?: { readonly user: string; readonly password: string };
  /** Only what the specification demands, or also what we chose where it leaves receivers free. */
  readonly levels: readonly ReceiverCase['level'][];
}

const WRITTEN = ['samples', 'histograms', 'exemplars'].map((kind) => `x-prometheus-remote-write-${kind}-written`);

/**
 * The contract of a Remote-Write receiver, 1.0 and 2.0, seen from outside: nothing is known of it but its URL. Every
 * request is one of a real or a broken sender; every answer is checked for status, counts and text.
 */
export function remoteWriteSuite(target: ReceiverTarget): void {
  const tables: Readonly<Record<string, readonly ReceiverCase[]>> = {
    'headers and bodies': HEADER_CASES,
    samples: SAMPLE_CASES,
    histograms: HISTOGRAM_CASES,
    exemplars: EXEMPLAR_CASES,
    metadata: METADATA_CASES,
    'all together': COMBINED_CASES,
  };
  for (const [title, cases] of Object.entries(tables)) {
    describe(title, () => {
      for (const testCase of cases.filter(({ level }) => target.levels.includes(level))) {
        it(`${testCase.status} for ${testCase.name}`, () => check(target, testCase));
      }
    });
  }
  const { credentials } = target;
  if (credentials !== undefined) describe('credentials', () => credentialTests(target, credentials));
}

async function check(target: ReceiverTarget, testCase: ReceiverCase): Promise<void> {
  const response = await send(target, testCase.request());
  const text = await response.text();
  // Of another receiver's words only that there are any is asked, and a missing count may stand for 0.
  const isOurs = target.levels.includes('choice');
  expect({ status: response.status, text }).toEqual({
    status: testCase.status,
    text: testCase.status === 204 ? '' : expect.stringMatching((isOurs ? testCase.text : undefined) ?? /./),
  });
  if (isOurs) expect(text.split('\n').length, 'senders log only the first line').toBe(1);
  if (testCase.status === 405) expect(response.headers.get('allow')).toBe('POST');
  const written = WRITTEN.map((name) => response.headers.get(name));
  const mayBeMissing = !isOurs && testCase.status !== 204 && written.every((count) => count === null);
  const expected = testCase.written?.map(String) ?? [null, null, null];
  expect(mayBeMissing ? written.map(() => '0') : written).toEqual(
    mayBeMissing ? expected.map((n) => n ?? '0') : expected,
  );
}

function send(
  target: ReceiverTarget,
  { method = 'POST', headers, body }: OutgoingRequest,
  authorization = authorizationOf(target.credentials),
): Promise<Response> {
  const all = { ...headers, ...(authorization === undefined ? {} : { authorization }) };
  return fetch(target.url(), { method, headers: all, body: new Uint8Array(body), redirect: 'manual' });
}

function authorizationOf(credentials: ReceiverTarget['credentials']): string | undefined {
  return credentials && basic(credentials.user, credentials.password);
}

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function credentialTests(target: ReceiverTarget, { user, password }: { user: string; password: string }): void {
  const good = () => v1([sampled(labels('__name__', 'suite_credentials'))]);

  it('takes a bearer token', async () => {
    expect((await send(target, good(), `Bearer ${password}`)).status).toBe(204);
  });

  it('refuses everybody else alike, and says how to come in', async () => {
    const attempts = [basic(user, `${password}x`), basic(`${user}x`, password), `Bearer ${password}x`];
    const answers = await Promise.all(attempts.map((authorization) => send(target, good(), authorization)));
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(answers.map(({ headers }) => headers.get('www-authenticate'))).toEqual(
      Array(3).fill(expect.stringMatching(/^Basic realm=.*Bearer/)),
    );
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  });

  it('refuses what carries no credentials it could read', async () => {
    for (const authorization of [
      '',
      'Basic',
      'Basic !!!',
      'Digest abc',
      `Basic ${Buffer.from(user).toString('base64')}`,
    ]) {
      expect((await send(target, good(), authorization)).status, authorization).toBe(401);
    }
  });
}

import { describe, expect, it } from 'vitest';
import { newApi } from '../../lib/api/app.ts';
import { authenticate } from '../../lib/context/authenticate.ts';
import type { Tenant } from '../../lib/context/tenant.ts';
import type { IntakeRequest } from '../../lib/pipeline/intake-request.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { MemoryQueue } from '../../lib/queue/memory.ts';
import { get, NOW } from '../api/fixture.ts';
import { labels, series, v1 } from '../receiver/messages.ts';
import { sha256 } from '../receiver/test-tenants.ts';
import { type Comparison, compareTimes } from './medians.ts';
import { apiDependencies, intakeDependencies, TENANTS } from './world.ts';

const TRIES = 1000;

/** Chance alone says "different" once in a hundred; three times in a row it does so once in a million. */
const ATTEMPTS = 3;
const CHANCE = 0.01;

/** Below this no network lets anybody see a difference, ns: less than one digest takes. */
const INVISIBLE_NS = 300;

const WRONG = basic('acme', 'a-wrong-token');

/** What somebody would compare with a wrong password of a tenant that exists, to find out whether others do. */
const OTHERS: Readonly<Record<string, string>> = {
  'a tenant that does not exist': basic('none', 'a-wrong-token'),
  'a token of another tenant': basic('acme', 'zeta-all-----'),
  'an expired token': basic('acme', 'acme-expired-'),
};

describe('the time that an answer takes', () => {
  const tenants = TENANTS.map((tenant) => ({
    ...tenant,
    tokens: [
      ...tenant.tokens.filter(({ name }) => name !== 'expired'),
      { name: 'expired', sha256: sha256('acme-expired-'), scopes: ['read'] as const, expires: 0 },
    ].filter(({ name }) => name !== 'expired' || tenant.name === 'acme'),
  }));

  it.each(Object.keys(OTHERS))('does not tell %s', async (other) => {
    const decide = (authorization: string) => () => authenticate(tenants, authorization, 'read', NOW);
    expect(await same(decide(WRONG), decide(OTHERS[other] ?? ''))).toMatchObject({ same: true });
  });

  it('is the same at the receiver, body and all', async () => {
    const dependencies = intakeDependencies(new MemoryQueue());
    const write = (authorization: string) => () => receive(requestOf(authorization), dependencies);
    expect(await same(write(WRONG), write(basic('none', 'a-wrong-token')))).toMatchObject({ same: true });
  });

  it('is the same at the API', async () => {
    const api = newApi(await apiDependencies());
    const ask = (authorization: string) => async () =>
      (await api.fetch(get('/api/v1/query?query=up', { authorization }))).arrayBuffer();
    expect(await same(ask(WRONG), ask(basic('none', 'a-wrong-token')))).toMatchObject({ same: true });
  }, 60_000);

  it('would tell if only the tokens of a known tenant were looked at', async () => {
    const leaky = (authorization: string) => () => {
      const [user] = atob(authorization.slice('Basic '.length)).split(':');
      const known: readonly Tenant[] = tenants.filter(({ name }) => name === user);
      return known.length === 0 ? undefined : authenticate(known, authorization, 'read', NOW);
    };
    expect(await same(leaky(WRONG), leaky(basic('none', 'a-wrong-token')))).toMatchObject({ same: false });
  });
});

describe('what is told', () => {
  it.each(Object.keys(OTHERS))(
    'to a sender with %s is what one with a wrong token is told, in the log as well',
    async (other) => {
      const queue = new MemoryQueue();
      const answers = [];
      for (const authorization of [WRONG, OTHERS[other] ?? '']) {
        answers.push(await receive(requestOf(authorization), intakeDependencies(queue)));
      }
      expect(answers[1]).toEqual(answers[0]);
      // The log of the receiver holds the answer and the outcome.
      expect(answers[0]).toMatchObject({ status: 401, outcome: {} });
      expect(JSON.stringify(answers)).not.toMatch(/acme|zeta|main|edge/);
      expect(queue.take()).toEqual([]);
    },
  );

  it('to readers is no name of anybody, and no fault is logged', async () => {
    const faults: unknown[] = [];
    const api = newApi(await apiDependencies(faults));
    const texts = [];
    for (const authorization of [WRONG, ...Object.values(OTHERS)]) {
      const response = await api.fetch(get('/api/v1/sources/lon/query', { authorization }));
      texts.push(JSON.stringify([response.status, ...response.headers]) + (await response.text()));
    }
    expect(new Set(texts).size).toBe(1);
    expect([texts[0], faults]).toEqual([expect.not.stringMatching(/acme|zeta|lon/), []]);
  });
});

/** Whether nobody could tell two ways apart by their time: the medians differ by chance, or by less than can be seen. */
async function same(first: () => unknown, second: () => unknown): Promise<Comparison & { readonly same: boolean }> {
  let last: Comparison = { medians: [0, 0], chance: 1 };
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    last = await compareTimes(TRIES, first, second);
    const difference = Math.abs(last.medians[0] - last.medians[1]);
    if (last.chance > CHANCE || difference < INVISIBLE_NS) return { ...last, same: true };
  }
  return { ...last, same: false };
}

const WRITE = v1([series(labels('__name__', 'up'), { samples: [{ timestamp: NOW, value: 1 }] })]);

function requestOf(authorization: string): IntakeRequest {
  const headers = { ...WRITE.headers, authorization };
  return { method: 'POST', headers, body: WRITE.body, receivedAt: NOW, requestId: 'request-1' };
}

function basic(user: string, password: string): string {
  return `Basic ${btoa(`${user}:${password}`)}`;
}

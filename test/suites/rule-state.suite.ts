import { describe, expect, it } from 'vitest';
import type { ActiveAlert, EvaluationState, RuleState } from '../../lib/storage/rule-state.ts';

export type RuleStateFactory = (options: { readonly now: () => number }) => Promise<{ readonly open: () => RuleState }>;

const NOW = Date.UTC(2025, 10, 22, 11, 17, 3);

let tenants = 0;
function newTenant(): string {
  return `rules-${process.pid}-${tenants++}`;
}

/** The contract of the state of rules. Every adapter passes it. */
export function ruleStateSuite(name: string, factory: RuleStateFactory): void {
  describe(`${name}: the state of rules`, () => {
    it('has nothing before the first evaluation', async () => {
      const { open } = await factory({ now: () => NOW });
      expect(await open().read(newTenant())).toBeUndefined();
    });

    it('gives back what was put, with the next revision', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      expect(await open().replace(tenant, 0, stateOf(1))).toBe(true);
      expect(await open().read(tenant)).toEqual({ revision: 1, state: stateOf(1) });
      expect(await open().replace(tenant, 1, stateOf(2, 3))).toBe(true);
      expect(await open().read(tenant)).toEqual({ revision: 2, state: stateOf(2, 3) });
    });

    it('lets one of several that began at one revision win', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      for (const revision of [0, 1, 2]) {
        const won = await Promise.all(
          Array.from({ length: 5 }, (_, i) => open().replace(tenant, revision, stateOf(10 * revision + i))),
        );
        expect(won.filter(Boolean)).toHaveLength(1);
        const winner = won.indexOf(true);
        expect(await open().read(tenant)).toEqual({ revision: revision + 1, state: stateOf(10 * revision + winner) });
      }
    });

    it('loses no update of evaluators side by side that each replace what they have read', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      const evaluator = async (states: RuleState) => {
        let wins = 0;
        for (let i = 0; i < 12; i++) {
          const { revision = 0, state } = (await states.read(tenant)) ?? {};
          if (await states.replace(tenant, revision, stateOf((state?.evaluatedTo ?? 0) + 1))) wins++;
        }
        return wins;
      };
      const wins = await Promise.all([evaluator(open()), evaluator(open())]);
      const all = wins.reduce((sum, one) => sum + one);
      expect(all).toBeGreaterThanOrEqual(12);
      expect(await open().read(tenant)).toEqual({ revision: all, state: stateOf(all) });
    });

    it('refuses revisions that were never there, or are no more', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      expect(await open().replace(tenant, 7, stateOf(1))).toBe(false);
      expect(await open().read(tenant)).toBeUndefined();
      await open().replace(tenant, 0, stateOf(1));
      expect(await open().replace(tenant, 0, stateOf(2))).toBe(false);
      expect(await open().replace(tenant, 2, stateOf(2))).toBe(false);
      expect((await open().read(tenant))?.state).toEqual(stateOf(1));
    });

    it('keeps tenants apart', async () => {
      const { open } = await factory({ now: () => NOW });
      const [a, b] = [newTenant(), newTenant()];
      await open().replace(a, 0, stateOf(1));
      expect(await open().read(b)).toBeUndefined();
      expect(await open().replace(b, 0, stateOf(2))).toBe(true);
      expect((await open().read(a))?.state).toEqual(stateOf(1));
    });

    it('holds more alerts than fit into one item', async () => {
      const { open } = await factory({ now: () => NOW });
      const tenant = newTenant();
      const large = stateOf(1, 12_000, (i) => `${(i * 2654435761) % 4294967296}-${Math.sin(i)}-${Math.cos(i * 7)}`);
      expect(await open().replace(tenant, 0, large)).toBe(true);
      expect(await open().read(tenant)).toEqual({ revision: 1, state: large });
      expect(await open().replace(tenant, 1, stateOf(2))).toBe(true);
      expect(await open().read(tenant)).toEqual({ revision: 2, state: stateOf(2) });
      expect(await open().replace(tenant, 2, { ...large, evaluatedTo: 3 })).toBe(true);
      expect(await open().read(tenant)).toEqual({ revision: 3, state: { ...large, evaluatedTo: 3 } });
    }, 60_000);
  });
}

function stateOf(evaluatedTo: number, alerts = 1, text = (i: number) => `text ${i}`): EvaluationState {
  return {
    planVersion: 'p',
    evaluatedTo,
    skipped: 0,
    groups: {
      'f;g': {
        lastEvaluation: NOW,
        evaluationSeconds: 0.25,
        rules: {
          'alerting Up {}': {
            health: 'err',
            lastError: 'exceeded "limit"',
            lastEvaluation: NOW,
            evaluationSeconds: 0.1,
            succeededAt: 17,
            alerts: Array.from({ length: alerts }, (_, i) => alert(text(i))),
          },
        },
      },
    },
  };
}

function alert(text: string): ActiveAlert {
  return {
    labels: { alertname: 'Up', instance: text },
    annotations: { summary: `ü ${text}` },
    state: 'firing',
    activeAt: 60_000,
    keepFiringSince: 120_000,
    value: '+Inf',
  };
}

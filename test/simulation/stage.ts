import { createHash } from 'node:crypto';
import { DEFAULT_INTAKE_LIMITS, DEFAULT_SCOPE, type Source, type Tenant } from '../../lib/context/tenant.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';
import type { Retention } from '../../lib/storage/interface.ts';
import { DAY_MS } from '../../lib/storage/retention-window.ts';

export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

/** An epoch of the store begins here, so what happens before and after it goes into two logs. */
export const EPOCH = Date.UTC(2026, 2, 14, 12);

export const SCRAPE_INTERVAL = 15 * SECOND;
export const EVALUATION_INTERVAL = MINUTE;
export const FAILOVER_TIMEOUT = 30 * SECOND;

export const RETENTION: Retention = { normalised: { days: 2 }, derived: { days: 9 } };
export const GENERATION_MS = RETENTION.normalised.days * DAY_MS;

const RULES = `
groups:
  - name: mapping
    rules:
      - {record: 'app:request:total', expr: app_requests_total}
      - {record: 'app:queue:length', expr: app_queue_length}
      - {record: 'app:latency:histogram', expr: app_latency_seconds}
  - name: derived
    rules:
      - {record: 'app:request:sum', expr: 'sum by (asserts_env, job) (app:request:total)'}
      - {record: 'app:request:rate5m', expr: 'sum by (asserts_env, job) (rate(app:request:total[5m]))'}
      - {record: 'app:request:double', expr: 'app:request:sum * 2'}
  - name: alerts
    rules:
      - alert: QueueIsLong
        expr: app:queue:length > 50
        for: 2m
        annotations: {summary: '{{ $labels.instance }} has {{ $value }}'}
`;

const plan = compilePlan({
  packs: [
    {
      name: 'simulation',
      description: '',
      strict: false,
      ruleFiles: [parseRuleFile('simulation.yml', RULES)],
      relabelFiles: [],
    },
  ],
});

export const PLAN = { ...plan, prepared: preparePlan(plan, { interval: EVALUATION_INTERVAL }) };
export const SELECTS = newSelection(plan);
/** Shared by all that only look at what series become; workers have their own. */
export const CONTEXTUALIZER = new Contextualizer(plan, {});

/** Whose series no other may see: their labels are the same, their values differ. */
export const PLAIN = 'acme';
/** Has a pair of servers that write the same series. */
export const PAIRED = 'beta';

export const TENANTS: readonly Tenant[] = [
  tenant(PLAIN, { name: 'main', type: 'remote_write', tokens: ['writer'], scope: DEFAULT_SCOPE }),
  tenant(PAIRED, {
    name: 'main',
    type: 'remote_write',
    tokens: ['writer'],
    scope: DEFAULT_SCOPE,
    ha: { clusterLabel: 'pair', replicaLabel: '__replica__', failoverTimeout: FAILOVER_TIMEOUT },
  }),
];

export function sourceOfTenant(name: string): Source {
  const source = TENANTS.find((one) => one.name === name)?.sources[0];
  if (source === undefined) throw new Error(`BUG: no tenant ${name}`);
  return source;
}

export function authorizationOf(name: string): string {
  return `Basic ${Buffer.from(`${name}:${tokenOf(name)}`).toString('base64')}`;
}

function tenant(name: string, source: Source): Tenant {
  const sha256 = createHash('sha256').update(tokenOf(name)).digest('hex');
  return {
    name,
    tokens: [{ name: 'writer', sha256, scopes: ['write'] }],
    sources: [source],
    limits: DEFAULT_INTAKE_LIMITS,
  };
}

function tokenOf(name: string): string {
  return `token-of-${name}`;
}

import { createHash } from 'node:crypto';
import {
  DEFAULT_ANSWER_LIMITS,
  DEFAULT_INTAKE_LIMITS,
  DEFAULT_PAGE_LIMITS,
  DEFAULT_SCOPE,
  type Source,
  type Tenant,
} from '../../lib/context/tenant.ts';
import { preparePlan } from '../../lib/pipeline/evaluate/prepared-plan.ts';
import { storedRules } from '../../lib/pipeline/query-source-rules.ts';
import { compilePlan } from '../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { pushDown } from '../../lib/plan/push-down.ts';
import { newSelection } from '../../lib/plan/selection.ts';
import { parseRuleFile } from '../../lib/rules/parse-rule-file.ts';
import type { Retention } from '../../lib/storage/interface.ts';
import { DAY_MS } from '../../lib/storage/retention-window.ts';
import { LOCAL_ACCESS } from '../remote/fake-server.ts';

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
/** Has two servers whose `/federate` is read. */
export const FEDERATED = 'gamma';
/** Has a server that is asked for results. */
export const ASKED = 'delta';

/** ms from one reading of servers to the next. */
export const READ_PERIOD = 20 * SECOND;
/** How far behind now servers are asked, ms: clocks differ, and what a server has not scraped it cannot answer. */
export const ASKING_DELAY = 30 * SECOND;

export const TENANTS: readonly Tenant[] = [
  tenant(PLAIN, { name: 'main', type: 'remote_write', tokens: ['writer'], scope: DEFAULT_SCOPE }),
  tenant(PAIRED, {
    name: 'main',
    type: 'remote_write',
    tokens: ['writer'],
    scope: DEFAULT_SCOPE,
    ha: { clusterLabel: 'pair', replicaLabel: '__replica__', failoverTimeout: FAILOVER_TIMEOUT },
  }),
  tenant(FEDERATED, {
    name: 'main',
    type: 'federation',
    servers: ['http://one.example', 'http://two.example'],
    interval: READ_PERIOD,
    timeout: 10 * SECOND,
    honorLabels: true,
    access: LOCAL_ACCESS,
    limits: DEFAULT_PAGE_LIMITS,
    scope: DEFAULT_SCOPE,
  }),
  tenant(ASKED, {
    name: 'main',
    type: 'query',
    url: 'http://three.example',
    interval: EVALUATION_INTERVAL,
    timeout: 10 * SECOND,
    delay: ASKING_DELAY,
    maxCatchUp: 6 * 60 * MINUTE,
    access: LOCAL_ACCESS,
    limits: DEFAULT_ANSWER_LIMITS,
    scope: DEFAULT_SCOPE,
  }),
];

/** The servers that are read, by tenant. */
export const SERVERS: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  TENANTS.map(({ name, sources: [source] }) => {
    if (source?.type === 'federation') return [name, source.servers];
    return [name, source?.type === 'query' ? [source.url] : []];
  }),
);

/** A page each, so that one may fail and the other not. */
export const PAGES: readonly (readonly string[])[] = [
  ['{__name__="app_requests_total"}'],
  ['{__name__=~"app_queue_length|app_latency_seconds"}'],
];

/** What of the rules servers are asked, and what is left to the evaluator. */
export const PUSHED = pushDown(plan, DEFAULT_SCOPE);
export const STORED_RULES = storedRules(plan, TENANTS, { interval: EVALUATION_INTERVAL });

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

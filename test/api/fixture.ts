import { createHash } from 'node:crypto';
import { type Api, newApi } from '../../lib/api/app.ts';
import type { ApiDependencies, QueryEngine } from '../../lib/api/dependencies.ts';
import { DEFAULT_INTAKE_LIMITS, type Tenant, type TokenScope } from '../../lib/context/tenant.ts';
import type { Labels } from '../../lib/model/labels.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import type { QueryResult } from '../../lib/promql/result.ts';
import { MemoryLedger } from '../../lib/storage/memory/memory-ledger.ts';
import { MemoryRegisters } from '../../lib/storage/memory/memory-registers.ts';
import { MemoryRuleState } from '../../lib/storage/memory/memory-rule-state.ts';
import { MemoryStorage } from '../../lib/storage/memory/memory-storage.ts';
import { NEVER_COMPACTED } from '../../lib/storage/memory/never-compacted.ts';
import { series } from '../model/series.ts';

/** The time at which the captures of Prometheus 2.42 begin, ms. */
export const NOW = 1795347944795;

export const PLAN: Plan = {
  version: 'plan-1',
  packs: [],
  relabelConfigs: [],
  mappings: [],
  derived: [],
  keptRaw: [],
  selection: [],
  metadata: [{ metricFamilyName: 'asserts:requests', type: 'counter', help: 'Requests by context', unit: '' }],
};

/** A tenant with one token for each scope: `<name>-<scope>`. */
export function tenantWithTokens(name: string): Tenant {
  const token = (scope: TokenScope) => ({ name: scope, sha256: sha256(`${name}-${scope}`), scopes: [scope] });
  return {
    name,
    tokens: [token('read'), token('write'), token('admin')],
    sources: [],
    limits: DEFAULT_INTAKE_LIMITS,
  };
}

/** An engine that must not be asked. */
export const NO_ENGINE: QueryEngine = {
  features: new Set(),
  instantQuery: () => Promise.reject(new Error('BUG: no query expected')),
  rangeQuery: () => Promise.reject(new Error('BUG: no query expected')),
};

/** An engine that answers every query alike. */
export function engineOf(answer: () => QueryResult): QueryEngine {
  return { features: new Set(), instantQuery: async () => answer(), rangeQuery: async () => answer() };
}

/** What an engine without warnings returns around its data. */
export function resultOf(data: QueryResult['data']): QueryResult {
  const stats = { totalQueryableSamples: 0, peakSamples: 0, parseMs: 0, storeMs: 0, evalMs: 0 };
  return { data, warnings: [], infos: [], stats };
}

export function dependenciesOf(changes: Partial<ApiDependencies> = {}): ApiDependencies {
  return {
    storage: new MemoryStorage(),
    ledger: new MemoryLedger(),
    ruleState: new MemoryRuleState(),
    registers: new MemoryRegisters(),
    compaction: NEVER_COMPACTED,
    usage: new MemoryLedger(),
    retention: { normalised: { days: 2 }, derived: { days: 400 } },
    evaluationInterval: 60_000,
    tenants: [tenantWithTokens('acme'), tenantWithTokens('other')],
    plan: PLAN,
    engine: NO_ENGINE,
    anonymousTenant: 'acme',
    now: () => NOW,
    ...changes,
  };
}

export function apiOf(changes: Partial<ApiDependencies> = {}): Api {
  return newApi(dependenciesOf(changes));
}

/** One point of one series, `series` as people write it. */
export type Point = readonly [series: string | Labels, timestamp: number, value: number];

export async function storageWith(points: readonly Point[], tenant = 'acme'): Promise<MemoryStorage> {
  const storage = new MemoryStorage();
  const appender = storage.appender(tenant, 'derived');
  for (const [labels, timestamp, value] of points) {
    appender.append(typeof labels === 'string' ? series(labels) : labels, { timestamp, value });
  }
  await appender.commit();
  return storage;
}

export function get(path: string, headers: Record<string, string> = {}): Request {
  return new Request(`http://tributary${path}`, { headers });
}

export function postForm(path: string, form: Record<string, string> | [string, string][]): Request {
  return new Request(`http://tributary${path}`, { method: 'POST', body: new URLSearchParams(form) });
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

import type { QuerySource, Tenant } from '../context/tenant.ts';
import type { TokenUses } from '../pipeline/token-uses.ts';
import type { UsageBook } from '../pipeline/usage-book.ts';
import type { Plan } from '../plan/plan.ts';
import type { QueryFeature, QueryOptions } from '../promql/query-options.ts';
import type { QueryResult } from '../promql/result.ts';
import type { DeadLetterReader } from '../queue/dead-letter-reader.ts';
import type { RemoteClient } from '../remote/remote-client.ts';
import type { CompactionReader } from '../storage/compactor.ts';
import type { Querier, Queryable, Retention } from '../storage/interface.ts';
import type { LedgerReader } from '../storage/ledger.ts';
import type { RegistersReader } from '../storage/registers.ts';
import type { RuleStateReader } from '../storage/rule-state.ts';
import type { UsageReader } from '../storage/usage.ts';
import type { CorsPolicy } from './cors.ts';

/** What the API asks of a PromQL engine (`lib/promql/engine.ts`). Times and steps in ms. */
export interface QueryEngine {
  /** What it accepts beyond Prometheus's default syntax and functions. */
  readonly features: ReadonlySet<QueryFeature>;
  instantQuery(querier: Querier, query: string, time: number, options?: QueryOptions): Promise<QueryResult>;
  rangeQuery(
    querier: Querier,
    query: string,
    range: { readonly start: number; readonly end: number; readonly step: number },
    options?: QueryOptions,
  ): Promise<QueryResult>;
}

/** Everything the API stands on. */
export interface ApiDependencies {
  readonly storage: Queryable;
  readonly ledger: LedgerReader;
  readonly ruleState: RuleStateReader;
  readonly registers: RegistersReader;
  readonly compaction: CompactionReader;
  /** Absent: nobody can look at them. */
  readonly deadLetters?: DeadLetterReader;
  readonly usage: UsageReader;
  /** How long the store keeps what is written. */
  readonly retention: Retention;
  /** Absent: nobody counts what answers take of AWS. */
  readonly usageBook?: UsageBook;
  /** Of groups of rules that name no interval, ms. */
  readonly evaluationInterval: number;
  /** How far evaluation times lie behind now, ms; default: an interval. */
  readonly evaluationDelay?: number;
  readonly tenants: readonly Tenant[];
  /** Writes down when tokens were used; absent: nobody knows. */
  readonly tokenUses?: TokenUses;
  readonly plan: Plan;
  readonly engine: QueryEngine;
  /** Reaches the server of a query source; absent: sources cannot be asked. */
  readonly sourceClient?: (tenant: Tenant, source: QuerySource) => RemoteClient;
  /** Current time, ms. */
  readonly now: () => number;
  /** How far back `/federate` looks for a series' last sample, ms; default 5 minutes, as instant selectors. */
  readonly lookbackDelta?: number;
  /** Name of the tenant that requests without credentials read. Only a local server sets it; absent: they get 401. */
  readonly anonymousTenant?: string;
  /** Absent: no cross-origin reads. */
  readonly cors?: CorsPolicy;
  /** How long a request may take altogether, ms; absent: as long as it likes. A query's own timeout comes before. */
  readonly requestTimeoutMs?: number;
  /** Largest response, bytes as they travel; default: what a Lambda function may return. */
  readonly maxResponseBytes?: number;
  /** Told of every error that is answered with 500, whose cause the client does not see. */
  readonly onInternalError?: (error: unknown, request: Request) => void;
}

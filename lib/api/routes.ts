import { alerts } from './alerts.ts';
import { buildInfo } from './build-info.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { Answer, Call, Endpoint } from './endpoint.ts';
import { explain } from './explain.ts';
import { formatQuery } from './format-query.ts';
import { labels } from './labels.ts';
import { metadata } from './metadata.ts';
import { parseQuery } from './parse-query.ts';
import { query } from './query.ts';
import { queryExemplars } from './query-exemplars.ts';
import { queryRange } from './query-range.ts';
import { rules } from './rules.ts';
import { series } from './series.ts';
import { sourceQuery, sourceQueryRange } from './source-query.ts';
import { statusCardinality } from './status-cardinality.ts';
import { statusCompaction } from './status-compaction.ts';
import { statusCost } from './status-cost.ts';
import { statusDeadLetters } from './status-dead-letters.ts';
import { statusEvaluation } from './status-evaluation.ts';
import { statusIntake } from './status-intake.ts';
import { statusSources } from './status-sources.ts';
import { statusTokens } from './status-tokens.ts';
import { statusTsdb } from './status-tsdb.ts';

export type Method = 'GET' | 'POST';

/** An endpoint under `/api/v1` and the methods it takes. */
export interface Route {
  readonly path: string;
  readonly methods: readonly Method[];
  readonly endpoint: Endpoint;
}

/** Queries may outgrow a URL, so what takes an expression or selectors takes them in a form as well. */
const QUERYING: readonly Method[] = ['GET', 'POST'];
const READING: readonly Method[] = ['GET'];

/** All but `/api/v1/label/<name>/values` and those below, whose paths hold a parameter. */
export const ROUTES: readonly Route[] = [
  { path: '/query', methods: QUERYING, endpoint: query },
  { path: '/query_range', methods: QUERYING, endpoint: queryRange },
  { path: '/query_exemplars', methods: QUERYING, endpoint: queryExemplars },
  { path: '/explain', methods: QUERYING, endpoint: explain },
  { path: '/format_query', methods: QUERYING, endpoint: formatQuery },
  { path: '/parse_query', methods: QUERYING, endpoint: parseQuery },
  { path: '/series', methods: QUERYING, endpoint: series },
  { path: '/labels', methods: QUERYING, endpoint: labels },
  { path: '/metadata', methods: READING, endpoint: metadata },
  { path: '/rules', methods: READING, endpoint: rules },
  { path: '/alerts', methods: READING, endpoint: alerts },
  { path: '/status/buildinfo', methods: READING, endpoint: buildInfo },
  { path: '/status/cardinality', methods: READING, endpoint: statusCardinality },
  { path: '/status/compaction', methods: READING, endpoint: statusCompaction },
  { path: '/status/cost', methods: READING, endpoint: statusCost },
  { path: '/status/dead-letters', methods: READING, endpoint: statusDeadLetters },
  { path: '/status/evaluation', methods: READING, endpoint: statusEvaluation },
  { path: '/status/intake', methods: READING, endpoint: statusIntake },
  { path: '/status/sources', methods: READING, endpoint: statusSources },
  { path: '/status/tokens', methods: READING, endpoint: statusTokens },
  { path: '/status/tsdb', methods: READING, endpoint: statusTsdb },
];

/** An endpoint under `/api/v1/sources/<name>`. */
export interface SourceRoute {
  readonly path: string;
  readonly methods: readonly Method[];
  readonly endpoint: (name: string, call: Call, dependencies: ApiDependencies) => Promise<Answer>;
}

/** Questions that go on to a server of the user's: in a form only, for they are no links to share. */
const ASKING: readonly Method[] = ['POST'];

export const SOURCE_ROUTES: readonly SourceRoute[] = [
  { path: '/query', methods: ASKING, endpoint: sourceQuery },
  { path: '/query_range', methods: ASKING, endpoint: sourceQueryRange },
];

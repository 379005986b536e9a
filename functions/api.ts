import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type Api, newApi } from '../lib/api/app.ts';
import { apiOptions, engineOptions } from '../lib/config/query-settings.ts';
import { loadRuntime } from '../lib/config/runtime.ts';
import { newSecretReader } from '../lib/config/secret-reader.ts';
import { answerEvent } from '../lib/lambda/http-event.ts';
import { sourceClients } from '../lib/pipeline/query-source-clients.ts';
import { TokenUses } from '../lib/pipeline/token-uses.ts';
import { Engine } from '../lib/promql/engine.ts';
import { newDynamoClient } from '../lib/storage/dynamodb/new-client.ts';
import { openReaders } from '../lib/storage/dynamodb/open-readers.ts';

/** HTTP API gives up after 30 s; a query must end before that with an answer that says why. */
const QUERY_TIMEOUT_MS = 25_000;
/** Whatever else takes long (a lookup over all time) ends then, still with an answer. */
const REQUEST_TIMEOUT_MS = 27_000;

/** What fits into the function's memory: a sample held takes 16 bytes, and several copies may be alive. */
const MAX_SAMPLES = 10_000_000;

const logger = new Logger();
let composed: Api | undefined;

/** The Prometheus-compatible API: PromQL and lookups over the contextualized metrics, and /federate. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  composed ??= composeApi();
  return api(event, composed);
}

/** Answers one HTTP request. */
export async function api(event: APIGatewayProxyEventV2, deps: Api): Promise<APIGatewayProxyStructuredResultV2> {
  return answerEvent(event, (request) => deps.fetch(request));
}

function composeApi(): Api {
  const { plan, tenants, retention, query, evaluation, tableName } = loadRuntime();
  const readers = openReaders({ client: newDynamoClient(), tableName, retention, now: Date.now });
  return newApi({
    plan,
    tenants,
    ...readers,
    tokenUses: new TokenUses({ registers: readers.registers, log: logger }),
    evaluationInterval: evaluation.interval,
    engine: new Engine({ maxSamples: MAX_SAMPLES, ...engineOptions(query), timeout: QUERY_TIMEOUT_MS }),
    ...apiOptions(query, evaluation),
    sourceClient: sourceClients(newSecretReader(process.env)),
    now: Date.now,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
    onInternalError: (error, { method, url }) =>
      logger.error('cannot answer a request', { method, path: new URL(url).pathname, error }),
  });
}

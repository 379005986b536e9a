import { Logger } from '@aws-lambda-powertools/logger';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { intakeRequestOf, intakeResultOf } from '../lib/lambda/intake-event.ts';
import { openQueue } from '../lib/lambda/open-queue.ts';
import type { IntakeResponse } from '../lib/pipeline/intake-request.ts';
import { RateLimits } from '../lib/pipeline/rate-limit.ts';
import { type IntakeDependencies, receive } from '../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { newSelection } from '../lib/plan/selection.ts';

const logger = new Logger();
let dependencies: IntakeDependencies | undefined;

/** The receiver: raw samples from the user's Prometheus; what some rule can use goes into the queue. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  dependencies ??= composeDependencies();
  return remoteWrite(event, dependencies);
}

/** Answers as the Remote-Write specifications say; a fault of ours is 5xx, so that senders keep the samples. */
export async function remoteWrite(
  event: APIGatewayProxyEventV2,
  deps: IntakeDependencies,
): Promise<APIGatewayProxyStructuredResultV2> {
  const request = intakeRequestOf(event, deps.now);
  const response = await receive(request, deps);
  if (response.status >= 400) log(request.requestId, response);
  return intakeResultOf(response);
}

function log(requestId: string, { status, body, outcome }: IntakeResponse): void {
  const { tenant, source, account, cause } = outcome;
  const entry = { requestId, status, answer: body, tenant, source, refused: account?.tally.refused };
  // Without a cause it is no fault of ours: a tenant sends more than it may.
  if (status >= 500 && cause !== undefined) logger.error('cannot take samples now', { ...entry, cause });
  else logger.warn('refused samples', entry);
}

function composeDependencies(): IntakeDependencies {
  const { plan, tenants, queueUrl } = loadRuntime();
  return {
    tenants,
    selects: newSelection(plan),
    planVersion: plan.version,
    memories: new SeriesMemories({ tenants: tenants.length }),
    rates: new RateLimits(Date.now),
    queue: openQueue(queueUrl),
    now: Date.now,
  };
}

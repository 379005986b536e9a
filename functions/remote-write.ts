import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { loadRuntime } from '../lib/config/runtime.ts';
import { openEmfMeter } from '../lib/lambda/emf-meter.ts';
import { intakeRequestOf, intakeResultOf } from '../lib/lambda/intake-event.ts';
import { newLog } from '../lib/lambda/new-log.ts';
import { openQueue } from '../lib/lambda/open-queue.ts';
import { intakeMetrics, isServerFault, logReceived, type ReceivedRequest } from '../lib/lambda/report-intake.ts';
import { RateLimits } from '../lib/pipeline/rate-limit.ts';
import { type IntakeDependencies, receive } from '../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../lib/pipeline/series-memories.ts';
import { newSelection } from '../lib/plan/selection.ts';

const log = newLog();
let dependencies: ReceiverDependencies | undefined;

/** The receiver: raw samples from the user's Prometheus; what some rule can use goes into the queue. */
export function handler(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  dependencies ??= composeDependencies();
  return remoteWrite(event, dependencies);
}

/** Answers as the Remote-Write specifications say; a fault of ours is 5xx, so that senders keep the samples. */
export async function remoteWrite(
  event: APIGatewayProxyEventV2,
  deps: ReceiverDependencies,
): Promise<APIGatewayProxyStructuredResultV2> {
  const began = performance.now();
  const request = intakeRequestOf(event, deps.now);
  const response = await receive(request, deps);
  const received = { request, response, durationMs: performance.now() - began };
  logReceived(received, log);
  deps.report?.(received);
  return intakeResultOf(response, request.requestId);
}

export interface ReceiverDependencies extends IntakeDependencies {
  /** Told of every request that was answered. */
  readonly report?: (received: ReceivedRequest) => void;
}

function composeDependencies(): ReceiverDependencies {
  const meter = openEmfMeter();
  const { plan, tenants, queueUrl } = loadRuntime();
  return {
    tenants,
    selects: newSelection(plan),
    planVersion: plan.version,
    memories: new SeriesMemories({ tenants: tenants.length }),
    rates: new RateLimits(Date.now),
    queue: openQueue(queueUrl),
    now: Date.now,
    report: (received) => meter.add(intakeMetrics(received), isServerFault(received)),
  };
}

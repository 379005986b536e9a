import { newCallSqs } from '../queue/call-sqs.ts';
import type { Queue } from '../queue/interface.ts';
import { SqsQueue } from '../queue/sqs.ts';
import { roleCredentials } from './role-credentials.ts';
import { traceHeader } from './trace-header.ts';

/** The queue as a Lambda reaches it: in its own region, with the credentials of its role. */
export function openQueue(queueUrl: string): Queue {
  const region = process.env['AWS_REGION'] ?? '';
  const endpoint = { queueUrl, region, credentials: () => roleCredentials(), trace: () => traceHeader() };
  return new SqsQueue({ queueUrl, call: newCallSqs(endpoint) });
}

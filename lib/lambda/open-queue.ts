import { newCallSqs } from '../queue/call-sqs.ts';
import type { Queue } from '../queue/interface.ts';
import { SqsQueue } from '../queue/sqs.ts';
import { roleCredentials } from './role-credentials.ts';

/** The queue as a Lambda reaches it: in its own region, with the credentials of its role. */
export function openQueue(queueUrl: string): Queue {
  const region = process.env['AWS_REGION'] ?? '';
  return new SqsQueue({ queueUrl, call: newCallSqs({ queueUrl, region, credentials: () => roleCredentials() }) });
}

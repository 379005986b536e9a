import { newCallSqs } from '../queue/call-sqs.ts';
import type { Queue } from '../queue/interface.ts';
import type { AwsCredentials } from '../queue/sign-request.ts';
import { SqsQueue } from '../queue/sqs.ts';

/** The queue as a Lambda reaches it: region and credentials of its role are in the environment. */
export function openQueue(queueUrl: string, environment: NodeJS.ProcessEnv = process.env): Queue {
  const region = environment['AWS_REGION'] ?? '';
  return new SqsQueue({ queueUrl, call: newCallSqs({ queueUrl, region, credentials: () => roleOf(environment) }) });
}

function roleOf(environment: NodeJS.ProcessEnv): AwsCredentials {
  const sessionToken = environment['AWS_SESSION_TOKEN'];
  return {
    accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '',
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
}

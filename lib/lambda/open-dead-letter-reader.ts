import { newCallSqs } from '../queue/call-sqs.ts';
import { type DeadLetterReader, LETTERS_ANSWER_BYTES, SqsDeadLetterReader } from '../queue/dead-letter-reader.ts';
import { roleCredentials } from './role-credentials.ts';

/** The dead letters as a Lambda looks at them: in its own region, with the credentials of its role. */
export function openDeadLetterReader(queueUrl: string): DeadLetterReader {
  const region = process.env['AWS_REGION'] ?? '';
  const endpoint = { queueUrl, region, credentials: () => roleCredentials(), maxAnswerBytes: LETTERS_ANSWER_BYTES };
  return new SqsDeadLetterReader({ queueUrl, call: newCallSqs(endpoint) });
}

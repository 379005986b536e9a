import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** How long a call may take before it is made again. */
export interface Patience {
  /** Until the connection stands, ms. */
  readonly connectMs: number;
  /** Until the answer comes, and between any two parts of it, ms. */
  readonly answerMs: number;
}

/**
 * DynamoDB answers within milliseconds; its largest answers, 16 MB, within a second or two. The SDK's own default is to
 * wait for ever, so one lost packet would cost a function all of its time, and its batch a redelivery minutes later.
 */
const IN_THE_CLOUD: Patience = { connectMs: 1000, answerMs: 5000 };

/** The SDK's client with an end to its patience: a call without an answer is made again, as writes and reads here may be. */
export function newDynamoClient(
  config: DynamoDBClientConfig = {},
  { connectMs, answerMs }: Patience = IN_THE_CLOUD,
): DynamoDBClient {
  return new DynamoDBClient({
    requestHandler: {
      connectionTimeout: connectMs,
      requestTimeout: answerMs,
      throwOnRequestTimeout: true,
      // Of a body that stops in the middle.
      socketTimeout: answerMs,
    },
    ...config,
  });
}

import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/**
 * DynamoDB answers within milliseconds; its largest answers, 16 MB, within a second or two. The SDK's own default is to
 * wait for ever, so one lost packet would cost a function all of its time, and its batch a redelivery minutes later.
 */
const CONNECT_MS = 1000;
const ANSWER_MS = 5000;

/** The SDK's client with an end to its patience: a call without an answer is made again, as writes and reads here may be. */
export function newDynamoClient(config: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      throwOnRequestTimeout: true,
      // Of a body that stops in the middle.
      socketTimeout: ANSWER_MS,
    },
    ...config,
  });
}

import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { LOCAL_ADDRESS_FILE } from '../lib/cli/dlq/local-address.ts';
import { newCallSqs } from '../lib/queue/call-sqs.ts';
import { type DeadLetterReader, LETTERS_ANSWER_BYTES, SqsDeadLetterReader } from '../lib/queue/dead-letter-reader.ts';
import { DeadLetters } from '../lib/queue/dead-letters.ts';
import type { Queue } from '../lib/queue/interface.ts';
import { SqsQueue } from '../lib/queue/sqs.ts';
import { type DataFolder, dataFolderError } from './data-folder.ts';
import { type Between, direct, LOCAL_CLIENT, type OnOpen } from './opening.ts';
import { POLLING, SEND_MS } from './patience.ts';
import type { QueueSettings } from './serverless-file.ts';
import type { QueueFigures } from './sqs/local-queue.ts';
import { startSqsServer } from './sqs-server.ts';

/** The queue and its dead letters, as everybody needs them. */
export interface LocalQueue {
  /** As the functions send to it. */
  readonly sender: Queue;
  /** As the worker buries in it. */
  readonly deadLetters: DeadLetters;
  /** As the API looks at them. */
  readonly letterReader: DeadLetterReader;
  readonly client: SQSClient;
  readonly url: string;
  readonly arn: string;
  /** What waits in this one and among the dead letters. */
  readonly figures: () => readonly QueueFigures[];
  close(): Promise<void>;
}

/** Starts the stand-in for SQS, and makes its queues as serverless.yml has them. */
export async function openQueue(
  { between = direct }: { readonly between?: Between },
  folder: DataFolder,
  settings: QueueSettings,
  onOpen: OnOpen,
): Promise<LocalQueue> {
  const server = await startSqsServer({ folder: folder.queue, region: LOCAL_CLIENT.region }).catch((error: unknown) => {
    throw dataFolderError(folder.path, error);
  });
  onOpen(() => server.close());
  const endpoint = await between('sqs', server.url);
  const client = new SQSClient({ ...LOCAL_CLIENT, endpoint, requestHandler: POLLING });
  const deadLetters = await createQueue(client, 'dead-letters', { MessageRetentionPeriod: '1209600' });
  // For `tributary dlq --data`; the endpoint of the stand-in itself, and gone when it is.
  const address = join(folder.path, LOCAL_ADDRESS_FILE);
  await writeFile(address, `${server.url}${new URL(deadLetters.url).pathname}\n`, { mode: 0o600 });
  const redrive = { deadLetterTargetArn: deadLetters.arn, maxReceiveCount: settings.maxReceiveCount };
  const raw = await createQueue(client, 'raw', {
    VisibilityTimeout: String(settings.visibilityTimeoutSeconds),
    RedrivePolicy: JSON.stringify(redrive),
  });
  const sending = {
    queueUrl: raw.url,
    region: LOCAL_CLIENT.region,
    credentials: () => LOCAL_CLIENT.credentials,
    timeoutMs: SEND_MS,
  };
  const call = newCallSqs(sending);
  const reading = { ...sending, maxAnswerBytes: LETTERS_ANSWER_BYTES };
  return {
    sender: new SqsQueue({ queueUrl: raw.url, call }),
    letterReader: new SqsDeadLetterReader({ queueUrl: deadLetters.url, call: newCallSqs(reading) }),
    deadLetters: new DeadLetters({
      call,
      queueUrl: deadLetters.url,
      maxReceives: settings.maxReceiveCount,
      now: Date.now,
    }),
    client,
    ...raw,
    figures: () => server.figures(),
    async close() {
      await rm(address, { force: true });
      client.destroy();
      await server.close();
    },
  };
}

/** Attributes are set apart: those of an earlier start may differ. */
async function createQueue(client: SQSClient, QueueName: string, Attributes: Record<string, string>) {
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName }));
  await client.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
  const { Attributes: all } = await client.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return { url: QueueUrl, arn: all?.['QueueArn'] ?? '' };
}

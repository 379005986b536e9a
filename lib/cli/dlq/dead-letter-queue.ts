import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { FAILURE_ATTRIBUTE } from '../../queue/failure.ts';
import type { SqsRecord } from '../../queue/message.ts';
import { CommandError } from '../command-error.ts';

/** Where the dead letters are: a queue, or a stack whose queue is looked for. */
export interface DeadLetterAddress {
  readonly queueUrl?: string;
  readonly stack?: string;
  readonly region?: string;
}

/** One dead letter in hand: others do not see it until it is put back. */
export interface DeadLetter {
  readonly record: SqsRecord;
  /** When it was sent to the queue that it is in, ms. */
  readonly sentAt: number;
  readonly message: Message;
}

const MAX_RECEIVE = 10;

/** How long a letter is in hand at most; it comes back by itself if this program ends before it puts it back. */
const IN_HAND_SECONDS = 120;

/** SQS asks only some of its servers each time, so an answer without anything new proves nothing; three of them nearly do. */
const EMPTY_ANSWERS = 3;

/** The queue of what no worker could process. */
export class DeadLetterQueue {
  readonly #client: SQSClient;
  readonly url: string;

  private constructor(client: SQSClient, url: string) {
    this.#client = client;
    this.url = url;
  }

  /** @throws CommandError where there is no such queue, or it cannot be reached. */
  static async open({ queueUrl, stack, region }: DeadLetterAddress): Promise<DeadLetterQueue> {
    const client = newClient(queueUrl, region);
    if (queueUrl !== undefined) return new DeadLetterQueue(client, queueUrl);
    // CloudFormation names the queue after the stack and the resource.
    const QueueNamePrefix = `${stack}-DeadLetters-`;
    const { QueueUrls = [] } = await tell('list queues', () => client.send(new ListQueuesCommand({ QueueNamePrefix })));
    const [url, ...others] = QueueUrls;
    if (url !== undefined && others.length === 0) return new DeadLetterQueue(client, url);
    client.destroy();
    const found = QueueUrls.length === 0 ? 'none' : QueueUrls.join(', ');
    throw new CommandError(`cannot find the dead letters of stack ${stack}: queues ${QueueNamePrefix}… are ${found}`);
  }

  /**
   * What the queue holds, oldest first, at most `limit`; all of it is in hand until `putBack`.
   * @throws CommandError
   */
  async take(limit: number): Promise<DeadLetter[]> {
    const letters = new Map<string, DeadLetter>();
    for (let empty = 0; empty < EMPTY_ANSWERS && letters.size < limit; ) {
      const messages = await this.#receive(Math.min(MAX_RECEIVE, limit - letters.size));
      const before = letters.size;
      for (const message of messages) letters.set(message.MessageId ?? '', asLetter(message));
      // Those whose time in hand is over come again, and would do so for ever.
      empty = letters.size === before ? empty + 1 : 0;
    }
    return [...letters.values()].sort((a, b) => a.sentAt - b.sentAt);
  }

  /** Lets others see letters again at once. */
  async putBack(letters: readonly DeadLetter[]): Promise<void> {
    for (let start = 0; start < letters.length; start += MAX_RECEIVE) {
      const Entries = letters
        .slice(start, start + MAX_RECEIVE)
        .map(({ message: { ReceiptHandle } }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
      const command = new ChangeMessageVisibilityBatchCommand({ QueueUrl: this.url, Entries });
      await tell('put dead letters back', () => this.#client.send(command));
    }
  }

  /** The queue whose dead letters these are. @throws CommandError where it is not exactly one */
  async source(): Promise<string> {
    const command = new ListDeadLetterSourceQueuesCommand({ QueueUrl: this.url });
    const { queueUrls = [] } = await tell('find the queue of the dead letters', () => this.#client.send(command));
    const [url, ...others] = queueUrls;
    if (url !== undefined && others.length === 0) return url;
    throw new CommandError(`say with --to where to replay: the dead letters of ${queueUrls.length} queues are here`);
  }

  /** Sends a letter as it was before it failed, and only then deletes it here: a crash between repeats it, never loses it. */
  async replay({ message }: DeadLetter, to: string): Promise<void> {
    const { Body, MessageAttributes = {} } = message;
    const { [FAILURE_ATTRIBUTE]: _, ...attributes } = MessageAttributes;
    const send = new SendMessageCommand({ QueueUrl: to, MessageBody: Body, MessageAttributes: attributes });
    await tell(`send to ${to}`, () => this.#client.send(send));
    const remove = new DeleteMessageCommand({ QueueUrl: this.url, ReceiptHandle: message.ReceiptHandle });
    await tell('delete a replayed dead letter', () => this.#client.send(remove));
  }

  close(): void {
    this.#client.destroy();
  }

  async #receive(max: number): Promise<readonly Message[]> {
    const command = new ReceiveMessageCommand({
      QueueUrl: this.url,
      MaxNumberOfMessages: max,
      VisibilityTimeout: IN_HAND_SECONDS,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['SentTimestamp'],
    });
    const { Messages = [] } = await tell(`read ${this.url}`, () => this.#client.send(command));
    return Messages;
  }
}

/** A stand-in on this machine wants no credentials; SQS says its region in the name of its host. */
function newClient(queueUrl: string | undefined, region: string | undefined): SQSClient {
  const url = queueUrl === undefined ? undefined : new URL(queueUrl);
  if (url?.protocol === 'http:') {
    const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
    return new SQSClient({ endpoint: url.origin, region: 'eu-west-1', credentials });
  }
  const known = region ?? /^sqs\.([a-z0-9-]+)\./.exec(url?.hostname ?? '')?.[1];
  return new SQSClient(known === undefined ? {} : { region: known });
}

function asLetter(message: Message): DeadLetter {
  const attributes = Object.entries(message.MessageAttributes ?? {}).map(
    ([name, { StringValue, DataType = '' }]) => [name, { stringValue: StringValue, dataType: DataType }] as const,
  );
  const record = {
    messageId: message.MessageId ?? '',
    body: message.Body ?? '',
    messageAttributes: Object.fromEntries(attributes),
  };
  return { record, sentAt: Number(message.Attributes?.SentTimestamp ?? 0), message };
}

async function tell<T>(what: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const { name, message } = error as Error;
    throw new CommandError(`cannot ${what}: ${name}: ${message}${remedyOf(error as Error)}`);
  }
}

/** What the AWS SDK leaves unsaid. */
function remedyOf({ name, message }: Error): string {
  if (message === 'Region is missing') return '; name it with --region, or in AWS_REGION';
  if (name === 'CredentialsProviderError')
    return '; the AWS SDK finds them where the AWS CLI does: AWS_PROFILE, ~/.aws …';
  return '';
}

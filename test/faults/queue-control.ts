import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { LOCAL_ACCOUNT } from '../../local/sqs/queue-registry.ts';

const COUNTS: QueueAttributeName[] = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'];

/** An operator's hand on the queue of a local stack. */
export class QueueControl {
  readonly #client: SQSClient;
  readonly #url: (queue: string) => string;

  constructor(endpoint: string) {
    this.#client = new SQSClient({ endpoint });
    this.#url = (queue) => `${endpoint}/${LOCAL_ACCOUNT}/${queue}`;
  }

  /** Messages that wait or are in flight. */
  async depth(queue: 'raw' | 'dead-letters'): Promise<number> {
    const command = new GetQueueAttributesCommand({ QueueUrl: this.#url(queue), AttributeNames: COUNTS });
    const { Attributes = {} } = await this.#client.send(command);
    return COUNTS.reduce((sum, name) => sum + Number(Attributes[name] ?? Number.NaN), 0);
  }

  /** Sends every dead letter back into the queue, and deletes it only then. Resolves with their number. */
  async replay(): Promise<number> {
    const QueueUrl = this.#url('dead-letters');
    for (let count = 0; ; ) {
      const { Messages = [] } = await this.#client.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] }),
      );
      if (Messages.length === 0) return count;
      for (const { Body, MessageAttributes, ReceiptHandle } of Messages) {
        await this.#client.send(
          new SendMessageCommand({ QueueUrl: this.#url('raw'), MessageBody: Body, MessageAttributes }),
        );
        await this.#client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
        count++;
      }
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

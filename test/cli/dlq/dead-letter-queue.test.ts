import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { DeadLetterQueue } from '../../../lib/cli/dlq/dead-letter-queue.ts';

it('ends where letters come back before all are received: a slow line, large letters', async () => {
  let calls = 0;
  const MD5OfBody = createHash('md5').update('x').digest('hex');
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const letter = { MessageId: `letter-${calls++ % 3}`, ReceiptHandle: `handle-${calls}`, Body: 'x', MD5OfBody };
      const Messages = [{ ...letter, Attributes: { SentTimestamp: '1' } }];
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify({ Messages }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const queue = await DeadLetterQueue.open({ queueUrl: `http://127.0.0.1:${port}/000000000000/dead` });
  const letters = await queue.take(1000);
  expect(letters.map(({ record }) => record.messageId)).toEqual(['letter-0', 'letter-1', 'letter-2']);
  // The last handle is the one that counts.
  expect(letters.map(({ message }) => message.ReceiptHandle)).toEqual(['handle-4', 'handle-5', 'handle-6']);
  queue.close();
  server.close();
});

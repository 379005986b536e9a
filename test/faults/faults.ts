import { setTimeout as sleep } from 'node:timers/promises';
import type { Exchange, Reply } from './exchange.ts';
import { halve } from './halve.ts';

/** What may happen to one request. */
export interface Fault {
  /** Absent: any request. */
  readonly concerns?: (action: string) => boolean;
  /** Instead of an ordinary exchange. Throws when the other side is not there. */
  readonly happen: (exchange: Exchange, others: Others) => Promise<void>;
}

/** The traffic that an exchange is a part of. */
export interface Others {
  /** Resolves when another request has been answered, or after the time given. */
  next(timeoutMs: number): Promise<void>;
}

const isReceive = (action: string) => action === 'SQS.ReceiveMessage';
const isCall = (action: string) => /^(SQS|DynamoDB)\./.test(action);
/** Messages are received and deleted by Lambda itself. */
const isOurCall = (action: string) => isCall(action) && !/^SQS\.(Receive|Delete)/.test(action);
const isBatch = (action: string) => /Batch/.test(action);

/** Every kind of fault by its name. None of them lies about success: no client can defend itself against that. */
export const FAULTS = {
  delay: { happen: delay },
  throttle: { concerns: isCall, happen: throttle },
  'refuse connection': { happen: async (exchange) => exchange.cut() },
  'cut in the request': { happen: cutInRequest },
  'cut in the answer': { happen: cutInAnswer },
  'drop the request': { happen: dropRequest },
  'drop the answer': { happen: dropAnswer },
  'never answer': { concerns: isOurCall, happen: neverAnswer },
  duplicate: { happen: duplicate },
  'half a batch': { concerns: isBatch, happen: halfBatch },
  reorder: { happen: reorder },
  'status 500': { happen: (exchange) => fail(exchange, 500) },
  'status 503': { happen: (exchange) => fail(exchange, 503) },
  garbage: { concerns: isCall, happen: garbage },
  'slow body': { happen: slowBody },
  'clock skew': { concerns: isCall, happen: skewClock },
  'empty receive': { concerns: isReceive, happen: emptyReceive },
  'early redelivery': { concerns: isReceive, happen: redeliverEarly },
  'double delivery': { concerns: isReceive, happen: deliverTwice },
  'shuffled delivery': { concerns: isReceive, happen: shuffle },
} as const satisfies Readonly<Record<string, Fault>>;

export type FaultKind = keyof typeof FAULTS;
export const FAULT_KINDS = Object.keys(FAULTS) as readonly FaultKind[];

async function delay(exchange: Exchange): Promise<void> {
  await exchange.read();
  await sleep(100 + exchange.random() * 1400);
  exchange.answer(await exchange.forward());
}

async function throttle(exchange: Exchange): Promise<void> {
  await exchange.read();
  const [service] = exchange.action.split('.');
  const types =
    service === 'SQS'
      ? ['com.amazonaws.sqs#RequestThrottled', 'com.amazonaws.sqs#ThrottlingException']
      : [
          'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException',
          'com.amazon.coral.availability#ThrottlingException',
        ];
  exchange.answer(json(400, { __type: types[exchange.random() < 0.5 ? 0 : 1], message: 'Rate exceeded' }));
}

async function cutInRequest(exchange: Exchange): Promise<void> {
  await new Promise<void>((resolve) => {
    exchange.request.once('data', () => resolve());
    exchange.request.once('close', resolve);
  });
  exchange.cut();
}

async function cutInAnswer(exchange: Exchange): Promise<void> {
  const { status, headers, body } = await exchange.forward();
  if (body.length < 2) return exchange.cut();
  exchange.response.writeHead(status, { ...headers, 'content-length': body.length });
  exchange.response.write(body.subarray(0, body.length >> 1), () => exchange.cut());
}

async function dropRequest(exchange: Exchange): Promise<void> {
  await exchange.read();
  exchange.cut();
}

async function dropAnswer(exchange: Exchange): Promise<void> {
  await exchange.forward();
  exchange.cut();
}

/** The connection stays open; only the caller's own patience ends it. */
async function neverAnswer(exchange: Exchange): Promise<void> {
  if (exchange.random() < 0.5) await exchange.forward();
  else await exchange.read();
}

/** Both take effect; which of the two answers comes back is open. */
async function duplicate(exchange: Exchange): Promise<void> {
  const body = await exchange.read();
  const replies = await Promise.all([exchange.forward(body), exchange.forward(body)]);
  exchange.answer(replies[exchange.random() < 0.5 ? 0 : 1] as Reply);
}

async function halfBatch(exchange: Exchange): Promise<void> {
  const { taken, answerOf } = halve(exchange.action, await exchange.read());
  const reply = await exchange.forward(taken);
  exchange.answer(
    reply.status === 200 ? { ...reply, headers: withoutChecksum(reply), body: answerOf(reply.body) } : reply,
  );
}

async function reorder(exchange: Exchange, others: Others): Promise<void> {
  await exchange.read();
  await others.next(1500);
  exchange.answer(await exchange.forward());
}

/** With or without an effect. */
async function fail(exchange: Exchange, status: number): Promise<void> {
  if (exchange.random() < 0.5) await exchange.forward();
  else await exchange.read();
  const type = status === 500 ? 'InternalServerError' : 'ServiceUnavailable';
  exchange.answer(json(status, { __type: `com.amazonaws#${type}`, message: 'The request could not be processed' }));
}

/** What a box in the middle may say, after the request has taken effect. */
async function garbage(exchange: Exchange): Promise<void> {
  const reply = await exchange.forward();
  exchange.answer({ ...reply, headers: withoutChecksum(reply), body: Buffer.from('<html>\u0000 502 Bad Gateway') });
}

async function slowBody(exchange: Exchange): Promise<void> {
  const { status, headers, body } = await exchange.forward();
  exchange.response.writeHead(status, { ...headers, 'content-length': body.length });
  const part = Math.ceil(body.length / 6);
  for (let start = 0; start < body.length; start += part) {
    if (exchange.response.destroyed) return;
    exchange.response.write(body.subarray(start, start + part));
    await sleep(300);
  }
  exchange.response.end();
}

/** Clients that learn the time from answers learn a wrong one. */
async function skewClock(exchange: Exchange): Promise<void> {
  const reply = await exchange.forward();
  const date = new Date(Date.now() + (exchange.random() - 0.5) * 48 * 3600_000).toUTCString();
  exchange.answer({ ...reply, headers: { ...reply.headers, date } });
}

async function emptyReceive(exchange: Exchange): Promise<void> {
  await exchange.read();
  await sleep(200);
  exchange.answer(json(200, {}));
}

/** The visibility timeout is over before the work is done. */
async function redeliverEarly(exchange: Exchange): Promise<void> {
  const input = JSON.parse((await exchange.read()).toString()) as object;
  exchange.answer(await exchange.forward(Buffer.from(JSON.stringify({ ...input, VisibilityTimeout: 1 }))));
}

async function deliverTwice(exchange: Exchange): Promise<void> {
  const { QueueUrl } = JSON.parse((await exchange.read()).toString()) as { QueueUrl: string };
  const reply = await exchange.forward();
  const { Messages = [] } = JSON.parse(reply.body.toString()) as { Messages?: { ReceiptHandle: string }[] };
  const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: String(i), ReceiptHandle, VisibilityTimeout: 0 }));
  if (Entries.length > 0) {
    const body = Buffer.from(JSON.stringify({ QueueUrl, Entries }));
    await exchange.send(body, { 'x-amz-target': 'AmazonSQS.ChangeMessageVisibilityBatch' });
  }
  exchange.answer(reply);
}

async function shuffle(exchange: Exchange): Promise<void> {
  const reply = await exchange.forward();
  const output = JSON.parse(reply.body.toString()) as { Messages?: unknown[] };
  if (output.Messages === undefined) return exchange.answer(reply);
  const shuffled = output.Messages.map((message) => ({ message, at: exchange.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ message }) => message);
  exchange.answer({ ...reply, body: Buffer.from(JSON.stringify({ ...output, Messages: shuffled })) });
}

function json(status: number, output: object): Reply {
  return {
    status,
    headers: { 'content-type': 'application/x-amz-json-1.0' },
    body: Buffer.from(JSON.stringify(output)),
  };
}

/** DynamoDB's checksum would give a changed body away. */
function withoutChecksum({ headers }: Reply): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'x-amz-crc32'));
}

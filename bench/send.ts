import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { NO_ACCOUNT } from '../lib/pipeline/intake-account.ts';
import { newCallSqs } from '../lib/queue/call-sqs.ts';
import type { QueueMessage } from '../lib/queue/interface.ts';
import { ATTRIBUTE_TYPE, encodeMessage } from '../lib/queue/message.ts';
import { SqsQueue } from '../lib/queue/sqs.ts';

const KILOBYTES = [1, 15, 84];
const CALLS = 300;
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

interface Sender {
  readonly name: string;
  readonly send: (message: QueueMessage) => Promise<unknown>;
}

/**
 * `npm run bench -- send [ROUNDS]`: CPU milliseconds of this process to put one message of 1, 15 and 84 KB (before
 * base64) into SQS, with our own calls and with the SDK's client as it is least dear (no MD5). A process of its own
 * answers. Senders take turns; medians of rounds of 300 calls.
 */
export async function run([rounds = '7']: readonly string[]): Promise<Record<string, unknown>> {
  const sink = fork(join(import.meta.dirname, 'send-sink.mjs'));
  try {
    const queueUrl = `http://127.0.0.1:${await portOf(sink)}/000000000000/raw`;
    const table = [];
    for (const kilobytes of KILOBYTES) table.push(await measure(kilobytes, senders(queueUrl), Number(rounds)));
    const ratios = table.map(({ ratio }) => ratio);
    return { table, ratioToSdk: Math.max(...ratios), cpuMsPerCall: table.map(({ ours }) => ours) };
  } finally {
    sink.kill();
  }
}

function portOf(sink: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    sink.once('message', resolve);
    sink.once('error', reject);
  });
}

function senders(queueUrl: string): readonly Sender[] {
  const region = 'eu-west-1';
  const ours = new SqsQueue({ queueUrl, call: newCallSqs({ queueUrl, region, credentials: () => CREDENTIALS }) });
  const client = new SQSClient({ region, endpoint: new URL(queueUrl).origin, credentials: CREDENTIALS, md5: false });
  return [
    { name: 'ours', send: (message) => ours.send([message]) },
    { name: 'sdk', send: (message) => client.send(commandOf(queueUrl, message)) },
  ];
}

function commandOf(QueueUrl: string, message: QueueMessage): SendMessageBatchCommand {
  const { body, attributes } = encodeMessage(message);
  const MessageAttributes = Object.fromEntries(
    Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: ATTRIBUTE_TYPE, StringValue }]),
  );
  return new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '0', MessageBody: body, MessageAttributes }] });
}

async function measure(kilobytes: number, contenders: readonly Sender[], rounds: number) {
  const message = messageOf(kilobytes * 1000);
  const taken: Record<string, number[]> = {};
  for (let round = -1; round < rounds; round++) {
    for (const { name, send } of contenders) {
      const before = process.cpuUsage();
      for (let call = 0; call < CALLS; call++) await send(message);
      const { user, system } = process.cpuUsage(before);
      // The first round is for the compiler.
      if (round >= 0) taken[name] = [...(taken[name] ?? []), (user + system) / 1000 / CALLS];
    }
  }
  const [ours, sdk] = ['ours', 'sdk'].map((name) => median(taken[name] ?? []));
  return { kB: kilobytes, ours: round3(ours ?? 0), sdk: round3(sdk ?? 0), ratio: round3((ours ?? 0) / (sdk ?? 1)) };
}

function messageOf(bytes: number): QueueMessage {
  const envelope = {
    id: 'bench-0',
    tenant: 'bench',
    source: 'main',
    plan: 'bench',
    receivedAt: Date.now(),
    account: NO_ACCOUNT,
  };
  return { envelope, body: new Uint8Array(bytes).map((_, i) => (i * 31) % 256) };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

function round3(value: number): number {
  return Math.round(value * 1000) / 1000;
}

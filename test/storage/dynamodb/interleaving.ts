import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { seededRandom } from '../../../bench/seeded-random.ts';
import { awsError } from './table-double.ts';

/** One of several things that run at the same time; it dies at the request of this number, if that is not negative. */
export interface Actor {
  readonly diesAt: number;
  readonly run: (client: DynamoDBClient) => Promise<unknown>;
}

/**
 * Runs actors side by side, in an order of requests that the seed alone decides: each waits before every request until it
 * is let on. A dead actor's request is sometimes carried out although it never learns of it. `between` is called after
 * each request.
 */
export async function interleave(
  client: DynamoDBClient,
  actors: readonly Actor[],
  seed: number,
  between: () => void = () => {},
): Promise<PromiseSettledResult<unknown>[]> {
  const random = seededRandom(seed);
  const waiting: (() => void)[] = [];
  let running = actors.length;
  const results = Promise.allSettled(
    actors.map((actor) => actor.run(gated(client, actor, waiting, random)).finally(() => running--)),
  );
  while (running > 0) {
    await new Promise(setImmediate);
    const next = Math.floor(random() * waiting.length);
    waiting.splice(next, 1)[0]?.();
    between();
  }
  return results;
}

function gated(client: DynamoDBClient, { diesAt }: Actor, waiting: (() => void)[], random: () => number) {
  let requests = 0;
  const send = async (command: never) => {
    await new Promise<void>((go) => waiting.push(go));
    const isDead = diesAt >= 0 && requests >= diesAt;
    // Every request after the first fatal one is lost: a dead process sends nothing more.
    const isLost = isDead && (requests > diesAt || random() < 0.5);
    requests++;
    if (!isLost) {
      const answer = await client.send(command);
      if (!isDead) return answer;
    }
    throw awsError('ProcessDied');
  };
  return { send } as unknown as DynamoDBClient;
}

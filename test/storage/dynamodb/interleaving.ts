import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { seededRandom } from '../../../bench/seeded-random.ts';
import { awsError } from './table-double.ts';

/** One of several things that run at the same time; it dies at the request of this number, if that is not negative. */
export interface Actor {
  readonly diesAt: number;
  readonly run: (client: DynamoDBClient) => Promise<unknown>;
}

interface Waiting {
  readonly actor: Actor;
  readonly go: () => void;
}

/** How likely the actor that made the last request makes the next one too. */
const STEADINESS = [0, 0.8, 0.95, 0.99];

/**
 * Runs actors side by side, in an order of requests that the seed alone decides: each waits before every request until it
 * is let on. Some orders take turns; in others one actor sleeps while another does a lot. A dead actor's request is sometimes carried out although it never learns of it. `between` is called after
 * each request.
 */
export async function interleave(
  client: DynamoDBClient,
  actors: readonly Actor[],
  seed: number,
  between: () => void = () => {},
): Promise<PromiseSettledResult<unknown>[]> {
  const random = seededRandom(seed);
  const waiting: Waiting[] = [];
  const steadiness = STEADINESS[seed % STEADINESS.length] as number;
  let current: Actor | undefined;
  let running = actors.length;
  const results = Promise.allSettled(
    actors.map((actor) => actor.run(gated(client, actor, waiting, random)).finally(() => running--)),
  );
  while (running > 0) {
    await new Promise(setImmediate);
    const same = random() < steadiness ? waiting.findIndex(({ actor }) => actor === current) : -1;
    const [next] = waiting.splice(same >= 0 ? same : Math.floor(random() * waiting.length), 1);
    if (next === undefined) continue;
    current = next.actor;
    next.go();
    between();
  }
  return results;
}

function gated(client: DynamoDBClient, actor: Actor, waiting: Waiting[], random: () => number) {
  const { diesAt } = actor;
  let requests = 0;
  const send = async (command: never) => {
    await new Promise<void>((go) => waiting.push({ actor, go }));
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

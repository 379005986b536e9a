import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect } from 'vitest';
import type { Exchange } from './exchange.ts';
import { FaultProxy } from './fault-proxy.ts';

/** One function's work, in a world that is made anew for each death. */
export interface Work<World> {
  /** The endpoint that the function calls. */
  readonly endpoint: string;
  /** A world in which nothing has been done yet. */
  readonly begin: () => Promise<World>;
  /** One invocation in a process without any memory, with calls going to `endpoint`. */
  readonly invoke: (world: World, endpoint: string) => Promise<unknown>;
  /** What users can see in the end, to be equal however often the function died. */
  readonly see: (world: World) => Promise<unknown>;
}

/** More calls than any invocation makes here. */
const MAX_CALLS = 200;

/**
 * Kills a function at each of its calls, once before the call takes effect and once after, invokes it again, and holds what
 * can be seen then against what a function that never died has done.
 *
 * @returns how often it died.
 */
export async function dieAtEveryCall<World>(work: Work<World>): Promise<number> {
  const undisturbed = await work.begin();
  await work.invoke(undisturbed, work.endpoint);
  const expected = await work.see(undisturbed);
  let deaths = 0;
  for (const isAfter of [false, true]) {
    for (let call = 1; ; call++) {
      if (call > MAX_CALLS) throw new Error(`BUG: an invocation makes more than ${MAX_CALLS} calls`);
      const world = await work.begin();
      if (!(await dies(work, world, call, isAfter))) break;
      deaths++;
      await work.invoke(world, work.endpoint);
      expect(await work.see(world), `after death ${isAfter ? 'after' : 'before'} call ${call}`).toEqual(expected);
    }
  }
  return deaths;
}

/** Whether the invocation was still at work at that call; nothing it does afterwards is heard. */
async function dies<World>(work: Work<World>, world: World, at: number, isAfter: boolean): Promise<boolean> {
  const proxy = await FaultProxy.open(() => 0);
  proxy.upstream = work.endpoint;
  let calls = 0;
  const death = new Promise<'dead'>((resolve) => {
    const die = async (exchange: Exchange) => {
      if (isAfter) await exchange.forward();
      else await exchange.read();
      resolve('dead');
    };
    proxy.onExchange = () => {
      calls++;
      if (calls === at) return { happen: die };
      return calls > at ? { happen: async () => {} } : undefined;
    };
  });
  const invocation = work.invoke(world, proxy.url);
  const outcome = await Promise.race([invocation, death]);
  invocation.catch(() => {});
  await proxy.close();
  return outcome === 'dead';
}

/** A client that gives up at once when nobody is there: the dead do not try again. */
export function mortalClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({ endpoint, maxAttempts: 1 });
}

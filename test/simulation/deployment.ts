import type { Tenant } from '../../lib/context/tenant.ts';
import { batchOf } from '../../lib/lambda/sqs-event.ts';
import { Firewall } from '../../lib/pipeline/cardinality/firewall.ts';
import { compactTenants } from '../../lib/pipeline/compact.ts';
import { contextualizeMessages } from '../../lib/pipeline/contextualize.ts';
import { Elections } from '../../lib/pipeline/elections.ts';
import { evaluateTenants } from '../../lib/pipeline/evaluate.ts';
import { receive } from '../../lib/pipeline/remote-write.ts';
import { SeriesMemories } from '../../lib/pipeline/series-memories.ts';
import { Contextualizer } from '../../lib/plan/contextualizer.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { DynamoCompactable } from '../../lib/storage/dynamodb/dynamo-compactable.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoReader } from '../../lib/storage/dynamodb/dynamo-reader.ts';
import { DynamoRegisters } from '../../lib/storage/dynamodb/dynamo-registers.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { DynamoWriter } from '../../lib/storage/dynamodb/dynamo-writer.ts';
import type { OutgoingRequest } from '../receiver/messages.ts';
import { type Defects, defectiveCommit, defectiveLedger, defectiveQueue, defectiveStorage } from './defects.ts';
import { Fleet } from './fleet.ts';
import type { Observations } from './observations.ts';
import type { Outcome, Process, Weather } from './process.ts';
import type { SimQueue } from './sim-queue.ts';
import { type SimTable, TABLE } from './sim-table.ts';
import { EVALUATION_INTERVAL, GENERATION_MS, MINUTE, PLAN, RETENTION, SECOND, SELECTS, STORED_RULES } from './stage.ts';
import { watchedStorage } from './watched-storage.ts';
import type { World } from './world.ts';

export interface Surroundings {
  readonly world: World;
  readonly table: SimTable;
  readonly queue: SimQueue;
  readonly observations: Observations;
  readonly defects: Defects;
  readonly weather: Weather;
  /** How long an evaluation waits for its samples, ms. */
  readonly delay: number;
  readonly tenants: readonly Tenant[];
}

/** Enough for a handful of series, so that memories are also full and forgotten. */
const MEMORY_BYTES = 64 * 1024;
/** So many receivers remember series; a memory takes 24 MiB, and the others stand for those whose memory gave up. */
const REMEMBERING = 0.12;
const FORGETFUL = { of: () => ({ open: () => false }) } as unknown as SeriesMemories;
/** Samples that compaction takes into memory at once: a few, so that there are many pieces of work. */
const SLICE_SAMPLES = 60;
const KEEP_REPLACED = MINUTE;

/** What a function's instance works on the table with. */
export function tableOf({ table, world }: Surroundings, process: Process) {
  const { now, sleep } = process;
  return { client: table.clientOf(process), tableName: TABLE, now, sleep, random: world.random, retention: RETENTION };
}

/** The functions of a deployment: the pipeline's own code, composed as in `functions/`, over the simulated services. */
export class Deployment {
  readonly #surroundings: Surroundings;
  readonly #receivers: Fleet<Parameters<typeof receive>[1]>;
  readonly #workers: Fleet<Parameters<typeof contextualizeMessages>[1]>;
  readonly #evaluators: Fleet<Parameters<typeof evaluateTenants>[0]>;
  readonly #compactors: Fleet<Parameters<typeof compactTenants>[0]>;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    const { world, weather } = surroundings;
    this.#receivers = new Fleet(world, weather, 'receiver', 15 * SECOND, (process) => this.#newReceiver(process));
    this.#workers = new Fleet(world, weather, 'worker', 60 * SECOND, (process) => this.#newWorker(process));
    // They are few, and are called again every time.
    const harsh = { ...weather, killRate: 2 * weather.killRate };
    this.#evaluators = new Fleet(world, harsh, 'evaluator', 60 * SECOND, (process) => this.#newEvaluator(process));
    this.#compactors = new Fleet(world, harsh, 'compactor', 300 * SECOND, (process) => this.#newCompactor(process));
  }

  /** Resolves with the status that the gateway answers. */
  async receive({ method = 'POST', headers, body }: OutgoingRequest): Promise<number> {
    const outcome = await this.#receivers.invoke((parts, { now }) =>
      receive({ method, headers, body, receivedAt: now(), requestId: '' }, parts),
    );
    return outcome.kind === 'done' ? outcome.value.status : 502;
  }

  /** Resolves when the queue has nothing to deliver, or a worker has had a batch. */
  async work(batchSize: number): Promise<void> {
    const { queue, observations, world } = this.#surroundings;
    await queue.deliver(batchSize, (event) =>
      this.#workers.invoke(async (parts) => {
        const { messages, poison, messageIdOf } = batchOf(event);
        const failures = await contextualizeMessages(messages, parts);
        const failed = new Set(failures.map(({ message }) => message));
        for (const { error } of [...poison, ...failures]) world.log(`a worker fails: ${error.message}`);
        const done = messages.filter((message) => !failed.has(message));
        observations.done(done, world.now);
        return [...poison.map(({ messageId }) => messageId), ...[...failed].map(messageIdOf)];
      }),
    );
  }

  evaluate(budget: number): Promise<Outcome<unknown>> {
    return this.#evaluators.invoke(async (parts, { now }) => {
      const outcomes = await evaluateTenants(parts, now() + budget);
      for (const { error, failures } of outcomes) {
        if (error !== undefined) this.#surroundings.world.log(`an evaluator fails: ${error.message}`);
        for (const failure of failures) this.#surroundings.world.log(`rule ${failure.rule} fails: ${failure.error}`);
      }
    });
  }

  compact(budget: number): Promise<Outcome<unknown>> {
    return this.#compactors.invoke(async (parts, { now }) => {
      for (const { error, steps } of await compactTenants(parts, now() + budget)) {
        this.#surroundings.world.count('compaction steps', steps);
        if (error !== undefined) this.#surroundings.world.log(`a compactor fails: ${error.message}`);
      }
    });
  }

  /** Somebody who looks at stored data, over the same network. */
  readerOf(process: Process) {
    const table = tableOf(this.#surroundings, process);
    return {
      storage: new DynamoReader(table),
      ledger: new DynamoLedger(table),
      ruleState: new DynamoRuleState(table),
      registers: new DynamoRegisters(table),
    };
  }

  #newReceiver(process: Process) {
    const { queue, defects, world, tenants } = this.#surroundings;
    const sqs = new SqsQueue({
      call: queue.callOf(process),
      queueUrl: 'http://127.0.0.1/river',
      sleep: process.sleep,
      random: world.random,
    });
    return {
      tenants,
      selects: SELECTS,
      planVersion: PLAN.version,
      memories: world.chance(REMEMBERING)
        ? new SeriesMemories({ tenants: tenants.length, generationBytes: MEMORY_BYTES })
        : FORGETFUL,
      queue: defects.answersBeforeQueued ? defectiveQueue(sqs) : sqs,
      now: process.now,
    };
  }

  #newWorker(process: Process) {
    const { world, defects, tenants } = this.#surroundings;
    const table = tableOf(this.#surroundings, process);
    const registers = new DynamoRegisters(table);
    const ledger = new DynamoLedger(table);
    const writer = new DynamoWriter(table);
    return {
      contextualizer: new Contextualizer(PLAN),
      tenants,
      storage: defectiveStorage(writer, defects),
      ledger: defects.countsDeliveries ? defectiveLedger(ledger, world) : ledger,
      elections: new Elections(registers, { sleep: process.sleep, random: world.random }),
      firewall: new Firewall({ registers, generationMs: GENERATION_MS, now: process.now }),
    };
  }

  #newEvaluator(process: Process) {
    const { observations, delay, defects, tenants } = this.#surroundings;
    const table = tableOf(this.#surroundings, process);
    const parts = {
      storage: watchedStorage(new DynamoStorage(table), observations),
      ruleState: new DynamoRuleState(table),
    };
    return {
      ...(defects.advancesFirst ? defectiveCommit(parts) : parts),
      plan: PLAN.prepared,
      plans: STORED_RULES,
      tenants,
      settings: { interval: EVALUATION_INTERVAL, delay, maxCatchUp: 6 * 60 * MINUTE },
      engine: new Engine({ now: process.now }),
      externalUrl: '',
      now: process.now,
    };
  }

  #newCompactor(process: Process) {
    const table = tableOf(this.#surroundings, process);
    let runs = 0;
    const newRun = () => `${process.name.replaceAll(' ', '')}.${runs++}`;
    const storage = new DynamoCompactable({
      ...table,
      sliceSamples: SLICE_SAMPLES,
      keepReplacedMs: KEEP_REPLACED,
      newRun,
    });
    return { tenants: this.#surroundings.tenants, storage, now: process.now };
  }
}

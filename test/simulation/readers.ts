import { type QueryTarget, querySources } from '../../lib/pipeline/query-source.ts';
import { queryTargets } from '../../lib/pipeline/query-source-dependencies.ts';
import { QuerySourceMemory } from '../../lib/pipeline/query-source-memory.ts';
import { scrape } from '../../lib/pipeline/scrape.ts';
import { ScrapeMemory } from '../../lib/pipeline/scrape-memory.ts';
import { scrapeTargets } from '../../lib/pipeline/scrape-schedule.ts';
import type { TimeSeries } from '../../lib/prompb/write-request.ts';
import { Engine } from '../../lib/promql/engine.ts';
import { SqsQueue } from '../../lib/queue/sqs.ts';
import { DynamoLedger } from '../../lib/storage/dynamodb/dynamo-ledger.ts';
import { DynamoRuleState } from '../../lib/storage/dynamodb/dynamo-rule-state.ts';
import { DynamoStorage } from '../../lib/storage/dynamodb/dynamo-storage.ts';
import { defectiveCommit, defectiveQueue } from './defects.ts';
import { type Surroundings, tableOf } from './deployment.ts';
import { Fleet } from './fleet.ts';
import type { Process } from './process.ts';
import { simClient } from './sim-client.ts';
import type { SimServer } from './sim-server.ts';
import { ASKED, FEDERATED, PAGES, PLAN, PUSHED, READ_PERIOD, SECOND, SELECTS } from './stage.ts';
import { watchedStorage } from './watched-storage.ts';

/** What an invocation may take by the real clock, which does not matter here. */
const NO_BUDGET = 600 * SECOND;

interface Scraper {
  readonly deps: Parameters<typeof scrape>[2];
  /** Pages that this invocation received, by server. */
  pages: Map<string, TimeSeries[]>;
}

/** The functions that read the user's servers: the pipeline's own code over simulated servers and services. */
export class Readers {
  readonly #surroundings: Surroundings;
  readonly #servers: ReadonlyMap<string, SimServer>;
  readonly #scrapers: Fleet<Scraper>;
  readonly #askers: Fleet<Parameters<typeof querySources>[1]>;

  constructor(surroundings: Surroundings, servers: readonly SimServer[]) {
    this.#surroundings = surroundings;
    this.#servers = new Map(servers.map((server) => [server.url, server]));
    const { world, weather } = surroundings;
    const harsh = { ...weather, killRate: 2 * weather.killRate };
    this.#scrapers = new Fleet(world, harsh, 'scraper', 60 * SECOND, (process) => this.#newScraper(process));
    this.#askers = new Fleet(world, harsh, 'asker', 60 * SECOND, (process) => this.#newAsker(process));
  }

  /** Scrapes what is due at `time`, ms; what a scrape that went well has read counts as acknowledged. */
  async scrape(time: number): Promise<void> {
    const { world, observations } = this.#surroundings;
    const outcome = await this.#scrapers.invoke((scraper) => {
      scraper.pages = new Map();
      return scrape(time, NO_BUDGET, scraper.deps).then((outcomes) => ({ outcomes, pages: scraper.pages }));
    });
    if (outcome.kind !== 'done') return;
    for (const { target, cause, failures } of outcome.value.outcomes) {
      if (cause !== undefined) world.log(`a scrape is not queued: ${String(cause)}`);
      for (const { detail } of failures) world.log(`a scrape fails: ${detail.split(';')[0]}`);
      if (cause === undefined) observations.acknowledge(FEDERATED, outcome.value.pages.get(target.server) ?? []);
    }
  }

  async ask(): Promise<void> {
    const { world } = this.#surroundings;
    const outcome = await this.#askers.invoke((deps) => querySources(NO_BUDGET, deps));
    if (outcome.kind !== 'done') return;
    for (const { cause, failures, times } of outcome.value) {
      world.count('times asked for', times);
      if (cause !== undefined) world.log(`answers are not stored: ${String(cause)}`);
      for (const { detail } of failures) world.log(`a question fails: ${detail}`);
    }
  }

  #newScraper(process: Process): Scraper {
    const { queue, world, defects, tenants, observations } = this.#surroundings;
    const sqs = new SqsQueue({
      call: queue.callOf(process),
      queueUrl: 'http://127.0.0.1/river',
      sleep: process.sleep,
      random: world.random,
    });
    const scraper: Scraper = {
      pages: new Map(),
      deps: {
        targets: scrapeTargets(tenants),
        pages: PAGES,
        selects: SELECTS,
        planVersion: PLAN.version,
        queue: defects.scrapesBeforeQueued ? defectiveQueue(sqs) : sqs,
        clientOf: ({ server, source }) =>
          simClient(this.#serverAt(server), process, source.timeout, {
            onPage: (url, names, page) => {
              scraper.pages.set(url, [...(scraper.pages.get(url) ?? []), ...page]);
              observations.readPage(FEDERATED, names, page, world.now);
            },
          }),
        memory: new ScrapeMemory(),
        period: READ_PERIOD,
        now: process.now,
      },
    };
    return scraper;
  }

  #newAsker(process: Process): Parameters<typeof querySources>[1] {
    const { defects, tenants, observations } = this.#surroundings;
    const table = tableOf(this.#surroundings, process);
    const watch = { onUnanswered: (start: number, end: number) => observations.missAnswers(ASKED, start, end) };
    const memories = new Map<string, QuerySourceMemory>();
    const memoryOf = ({ source }: QueryTarget) => {
      const known = memories.get(source.name);
      if (known !== undefined) return known;
      const made = new QuerySourceMemory(simClient(this.#serverAt(source.url), process, source.timeout, watch));
      memories.set(source.name, made);
      return made;
    };
    const parts = {
      storage: watchedStorage(new DynamoStorage(table), observations),
      ruleState: new DynamoRuleState(table),
    };
    const { storage, ruleState } = defects.asksAndAdvancesFirst ? defectiveCommit(parts, progressTenant) : parts;
    return {
      targets: queryTargets(tenants),
      planVersion: PLAN.version,
      pushDownOf: () => PUSHED,
      memoryOf,
      storage,
      ledger: new DynamoLedger(table),
      progress: ruleState,
      engine: new Engine({ now: process.now }),
      now: process.now,
    };
  }

  #serverAt(url: string): SimServer {
    const server = this.#servers.get(url);
    if (server === undefined) throw new Error(`BUG: no server at ${url}`);
    return server;
  }
}

/** Whose progress a name in the rule state is. */
function progressTenant(key: string): string {
  return key.split('/')[0] ?? key;
}

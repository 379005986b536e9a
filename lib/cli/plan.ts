import { type Command, InvalidArgumentError } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { DEFAULT_WORKLOAD } from '../cost/cost-model.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { describePlan } from '../plan/describe-plan.ts';
import type { Plan } from '../plan/plan.ts';
import { expectSeries } from './doctor/expect-series.ts';
import { describeExpected } from './plan/describe-expected.ts';
import { expectedBill } from './plan/expected-bill.ts';
import { readInventory } from './plan/read-inventory.ts';
import { soleScope } from './sole-scope.ts';
import type { Terminal } from './terminal.ts';

interface PlanOptions {
  readonly config: string;
  readonly json?: boolean;
  readonly inventory?: readonly string[];
  readonly instances: number;
  readonly interval: number;
  readonly source?: string;
}

/** Adds `tributary plan`: what becomes of which raw series and, of an inventory, how many there will be and their cost. */
export function addPlan(program: Command, { write, environment }: Terminal): void {
  program
    .command('plan')
    .description('print what becomes of which raw series; with an inventory, how many series that makes and their cost')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--json', 'the whole plan as JSON')
    .option('--inventory <file or url...>', 'pages of metrics: of targets, or /federate of a Prometheus')
    .option('--instances <count>', 'targets that expose such a page', count, 1)
    .option('--interval <seconds>', 'scrape interval', count, DEFAULT_WORKLOAD.scrapeSeconds)
    .option('--source <name>', 'whose scope the inventory gets; needed where sources differ in them')
    .action(async (options: PlanOptions) => {
      const config = loadConfig(options.config, { environment });
      // The plan does not depend on tenants, but a configuration with mistakes is not worth planning with.
      const plan = compilePlan({ packs: loadPacks(config) });
      const expected = options.inventory && (await expectationOf(options.inventory, options, config, plan));
      if (options.json)
        write(`${JSON.stringify({ ...plan, ...(expected && { expected: expected.json }) }, null, 2)}\n`);
      else write(expected?.text ?? describePlan(plan));
    });
}

async function expectationOf(
  pages: readonly string[],
  { instances, interval, source }: PlanOptions,
  config: Config,
  plan: Plan,
): Promise<{ readonly text: string; readonly json: object }> {
  const scope = soleScope(config, source);
  const inventory = await readInventory(pages, instances);
  const expected = await expectSeries(inventory.series, plan, scope);
  const raw = inventory.series.length;
  const { normalised, derived } = config.retention;
  const days = { normalisedDays: normalised.days, derivedDays: derived.days };
  const bill = expectedBill(raw, expected, { scrapeSeconds: interval, ...days });
  const { selected, contextualized, records, dropped } = expected;
  const json = {
    raw,
    selected,
    contextualized,
    derived: expected.derived,
    records: Object.fromEntries(records),
    dropped: Object.fromEntries([...dropped].map(([reason, one]) => [reason, one.count])),
    dollarsPerMonth: bill,
  };
  return { text: describeExpected(inventory, expected, bill), json };
}

function count(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value > 0 && value <= 100_000)) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 100000.');
  }
  return value;
}

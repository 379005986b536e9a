import { type Command, InvalidArgumentError } from 'commander';
import { costOf, DEFAULT_WORKLOAD } from '../cost/cost-model.ts';
import { RECORDED_UNITS } from '../cost/recorded-units.ts';
import { describeBill } from './cost/describe-bill.ts';
import { type CostStatus, describeLiveBill } from './cost/describe-live-bill.ts';
import { askDeployment, deploymentOf, LOCAL_URL, withDeployment } from './deployment.ts';
import type { Terminal } from './terminal.ts';

interface CostOptions {
  readonly series: number;
  readonly interval: number;
  readonly selected: number;
  readonly json?: boolean;
  readonly live?: boolean;
  readonly window: string;
  readonly url: string;
  readonly token?: string;
}

/** Adds `tributary cost`: what a month costs at list prices, term by term; with `--live` what a deployment took. */
export function addCost(program: Command, terminal: Terminal): void {
  const command = program
    .command('cost')
    .description('what a month costs on AWS at list prices, every term of it, beside managed Prometheus')
    .option('--series <count>', 'active series that your Prometheus sends', positive, DEFAULT_WORKLOAD.activeSeries)
    .option('--interval <seconds>', 'scrape interval', positive, DEFAULT_WORKLOAD.scrapeSeconds)
    .option('--selected <percent>', 'share of them that some rule uses', positive, DEFAULT_WORKLOAD.selectedShare * 100)
    .option('--live', "the tenant's bill of a running deployment, from what was measured")
    .option('--window <duration>', 'of the live bill', '30d')
    .option('--json', 'the bill as JSON');
  withDeployment(command, LOCAL_URL).action(async (options: CostOptions) => {
    if (options.live) return writeLiveBill(options, terminal);
    const { series, interval, selected, json } = options;
    if (selected > 100) command.error(`error: cannot select ${selected} % of the series: --selected is at most 100`);
    const workload = {
      ...DEFAULT_WORKLOAD,
      activeSeries: series,
      scrapeSeconds: interval,
      selectedShare: selected / 100,
    };
    const bill = costOf(workload, RECORDED_UNITS);
    terminal.write(json ? `${JSON.stringify(bill, null, 2)}\n` : describeBill(bill));
  });
}

async function writeLiveBill({ url, token, window, json }: CostOptions, terminal: Terminal): Promise<void> {
  const deployment = deploymentOf({ url, ...(token !== undefined && { token }) }, terminal.environment);
  const bill = (await askDeployment(deployment, '/api/v1/status/cost', { window }, 'GET')) as CostStatus;
  terminal.write(json ? `${JSON.stringify(bill, null, 2)}\n` : describeLiveBill(bill));
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

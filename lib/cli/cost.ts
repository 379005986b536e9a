import { type Command, InvalidArgumentError } from 'commander';
import { costOf, DEFAULT_WORKLOAD } from '../cost/cost-model.ts';
import { RECORDED_UNITS } from '../cost/recorded-units.ts';
import { describeBill } from './cost/describe-bill.ts';

interface CostOptions {
  readonly series: number;
  readonly interval: number;
  readonly selected: number;
  readonly json?: boolean;
}

/** Adds `tributary cost`: what a month costs at list prices, term by term. */
export function addCost(program: Command, { write }: { readonly write: (text: string) => void }): void {
  program
    .command('cost')
    .description('what a month costs on AWS at list prices, every term of it, beside managed Prometheus')
    .option('--series <count>', 'active series that your Prometheus sends', positive, DEFAULT_WORKLOAD.activeSeries)
    .option('--interval <seconds>', 'scrape interval', positive, DEFAULT_WORKLOAD.scrapeSeconds)
    .option('--selected <percent>', 'share of them that some rule uses', positive, DEFAULT_WORKLOAD.selectedShare * 100)
    .option('--json', 'the bill as JSON')
    .action(({ series, interval, selected, json }: CostOptions, command: Command) => {
      if (selected > 100) command.error(`error: cannot select ${selected} % of the series: --selected is at most 100`);
      const workload = {
        ...DEFAULT_WORKLOAD,
        activeSeries: series,
        scrapeSeconds: interval,
        selectedShare: selected / 100,
      };
      const bill = costOf(workload, RECORDED_UNITS);
      write(json ? `${JSON.stringify(bill, null, 2)}\n` : describeBill(bill));
    });
}

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Number.POSITIVE_INFINITY)) throw new InvalidArgumentError('It must be a number above 0.');
  return value;
}

import { costOf, DEFAULT_WORKLOAD } from '../../cost/cost-model.ts';
import { RECORDED_UNITS } from '../../cost/recorded-units.ts';
import { formatFloat } from '../../model/format-float.ts';
import { compareOutputs, type OutputDifference } from './compare-outputs.ts';
import { nameOf } from './needed-rules.ts';
import type { AnyRule, Trial, TrialOutput, TrialWindow } from './run-trial.ts';

/** A trial as text for people: rule by rule what changes, and what all of it changes in the monthly bill. */
export function describeTrial(trial: Trial, window: TrialWindow): string {
  const differences = trial.outputs.map((output) => ({
    output,
    difference: compareOutputs(output.before, output.after),
  }));
  return [
    `${trial.samples} samples read, ${new Date(window.start).toISOString()} to ${new Date(window.end).toISOString()}`,
    '',
    ...differences.flatMap(({ output, difference }) => [...ruleLines(output.rule, difference), '']),
    ...trial.untried.flatMap(({ rule, reason }) => [title(rule), `  not tried: ${reason}`, '']),
    ...Object.entries(trial.dropped).map(([reason, count]) => `${count} raw series dropped: ${reason}`),
    costLine(trial.outputs, window),
    '',
  ].join('\n');
}

function title(rule: AnyRule): string {
  const kind = 'alert' in rule ? 'alert ' : '';
  return `${kind}${nameOf(rule)} (${rule.origin.file}:${rule.origin.line})`;
}

function ruleLines(rule: AnyRule, difference: OutputDifference): string[] {
  const { before, after, gone, come, compared, different, maxRelative, meanRelative, examples } = difference;
  return [
    title(rule),
    `  series  ${before} -> ${after}`,
    ...come.map((series) => `    + ${series}`),
    ...gone.map((series) => `    - ${series}`),
    compared === 0
      ? '  values  none to compare'
      : `  values  ${different} of ${compared} differ; relative difference at most ${percent(maxRelative)}, ${percent(meanRelative)} on average`,
    ...examples.map(
      (one) =>
        `    ${formatFloat(one.before)} -> ${formatFloat(one.after)} (${percent(one.relative)}) at ${new Date(one.time).toISOString()}  ${one.series}`,
    ),
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** A deployment of usual size, of which the new series are a small part. */
const AROUND = { selected: 10_000, derived: 1000 };

function costLine(outputs: readonly TrialOutput[], { interval }: TrialWindow): string {
  const derived = sumOf(outputs.filter(({ rule }) => 'level' in rule)) * (60_000 / interval);
  const normalised = sumOf(outputs.filter(({ rule }) => !('level' in rule)));
  const dollars = storeCost(normalised, derived) - storeCost(0, 0);
  const sign = dollars < 0 ? '-' : '+';
  return `monthly cost  ${sign}$${Math.abs(dollars).toFixed(2)} (list prices, store and rules; series sampled every ${DEFAULT_WORKLOAD.scrapeSeconds} s)`;
}

function sumOf(outputs: readonly TrialOutput[]): number {
  return outputs.reduce((sum, { before, after }) => sum + after.length - before.length, 0);
}

/** What a month costs from the store on, in dollars, with so many series more. */
function storeCost(normalised: number, derived: number): number {
  const selected = AROUND.selected + normalised;
  const { terms } = costOf(
    {
      ...DEFAULT_WORKLOAD,
      activeSeries: selected,
      selectedShare: 1,
      derivedShare: (AROUND.derived + derived) / selected,
    },
    RECORDED_UNITS,
  );
  return terms.filter(({ name }) => !INTAKE.test(name)).reduce((sum, term) => sum + term.dollars, 0);
}

/** Terms that depend on what is sent, not on what becomes of it. */
const INTAKE = /^(HTTP API|receiver|queue|worker|logs|read by queries)/;

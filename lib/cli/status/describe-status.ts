import { ageText, countText } from '../../api/status-page/figures.ts';
import { printableText } from '../../pipeline/printable.ts';
import { addTally, newTally } from '../../storage/ledger.ts';
import { CommandError } from '../command-error.ts';
import type { DeploymentStatus, Part } from './ask-status.ts';
import { columns } from './columns.ts';

const MAX_TEXT = 160;
const MAX_ROWS = 20;

type Told<K extends keyof DeploymentStatus> = Exclude<DeploymentStatus[K], CommandError>;

/** A deployment's status as people read it, a section for each part. */
export function describeStatus(status: DeploymentStatus): string {
  return [
    section('Sources', status.sources, sourceLines),
    section('Rules', status.evaluation, evaluationLines),
    section('Compaction', status.compaction, compactionLines),
    section('The last hour', status.intake, intakeLines),
    section('Dead letters', status.deadLetters, deadLetterLines),
  ].join('\n');
}

function section<T>(title: string, part: Part<T>, linesOf: (told: T) => readonly string[]): string {
  const lines = part instanceof CommandError ? [printableText(part.message, MAX_TEXT)] : linesOf(part);
  return `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function sourceLines({ sources }: Told<'sources'>): readonly string[] {
  if (sources.length === 0) return ['none are configured'];
  return columns(
    sources.map(({ source, type, verdict, age, lost }) => [
      source,
      type,
      verdict,
      age === undefined ? 'nothing in the last hour' : `${ageText(age)} ago`,
      lost > 0 ? `${countText(lost)} lost in the last hour` : '',
    ]),
  );
}

function evaluationLines({ verdict, lag, skipped, failing }: Told<'evaluation'>): readonly string[] {
  const [behind, passedOver] = [lag === undefined ? '' : `, ${ageText(lag)} behind now`, ageText(skipped)];
  return [
    `${verdict}${behind}${skipped > 0 ? `; ${passedOver} were passed over since the beginning` : ''}`,
    ...first(failing, ({ group, rule, error }) => `${rule} of ${group} fails: ${error}`),
  ].map((line) => printableText(line, MAX_TEXT));
}

function compactionLines({ classes }: Told<'compaction'>): readonly string[] {
  return columns(
    classes.map(({ retentionClass, verdict, epochs, age, leftovers }) => [
      retentionClass,
      verdict,
      epochs === 0 ? 'nothing waits' : `${countText(epochs)} epochs wait`,
      age === undefined ? '' : `the oldest ended ${ageText(age)} ago`,
      leftovers > 0 ? `${countText(leftovers)} leftovers to clear away` : '',
    ]),
  );
}

function intakeLines({ sources }: Told<'intake'>): readonly string[] {
  const tally = newTally();
  for (const source of sources) addTally(tally, source.tally);
  const { accepted, selected, stored } = tally;
  const examples = sources.flatMap((source) => source.examples);
  const lost = (['refused', 'dropped'] as const).flatMap((what) =>
    Object.entries(tally[what]).map(([reason, count]) => ({ what, reason, count })),
  );
  const rows = lost
    .sort((a, b) => b.count - a.count)
    .map(({ what, reason, count }) => [
      what,
      printableText(reason, MAX_TEXT),
      countText(count),
      printableText(examples.find((example) => example.reason === reason)?.series ?? '', MAX_TEXT),
    ]);
  return [
    `${countText(accepted)} samples accepted, ${countText(selected)} selected by rules, ${countText(stored)} stored`,
    ...columns(rows),
    ...(rows.length === 0 ? ['nothing was refused or dropped'] : []),
  ];
}

function deadLetterLines({ count, complete, errors }: Told<'deadLetters'>): readonly string[] {
  const more = complete ? '' : ', and there may be more';
  if (count === 0) return [`none${more}`];
  return [
    `${countText(count)} wait${more}; \`tributary dlq\` shows and replays them`,
    ...first(errors, (one) => `${countText(one.count)} of ${one.sources.join(', ')}: ${one.error}`),
  ].map((line) => printableText(line, MAX_TEXT));
}

function first<T>(all: readonly T[], lineOf: (one: T) => string): readonly string[] {
  const rest = all.length - MAX_ROWS;
  return [...all.slice(0, MAX_ROWS).map(lineOf), ...(rest > 0 ? [`and ${rest} more`] : [])];
}

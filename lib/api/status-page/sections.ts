import { printableText } from '../../pipeline/printable.ts';
import type { DropExample, SourceTally } from '../../storage/ledger.ts';
import type { CompactionStatus } from '../status-compaction.ts';
import type { DeadLettersStatus } from '../status-dead-letters.ts';
import type { EvaluationStatus } from '../status-evaluation.ts';
import type { SourceStatus } from '../status-sources.ts';
import { ageText, countText, stateOf } from './figures.ts';
import { type Html, type HtmlPart, html } from './html.ts';

/** Labels and errors say what strangers like: no control characters, none that turn the direction of the line. */
const MAX_TEXT = 400;

/** Which source gives what it should, and since when the others do not. */
export function sourcesSection(sources: readonly SourceStatus[]): HtmlPart {
  const rows = sources.map(
    ({ source, type, verdict, age, expectedEvery, lost }) => html`<tr><td>${text(source)}<td class="faint">${type}
      <td>${stateOf(verdict)}<td class="number">${age === undefined ? 'not in the last hour' : `${ageText(age)} ago`}
      <td class="number faint">${ageText(expectedEvery)}<td class="number">${countText(lost)}`,
  );
  if (rows.length === 0) return html`<p class="faint">The configuration has no sources.`;
  return html`<div><table><tr><th>source<th>type<th>state<th class="number">last heard<th class="number">every
    <th class="number">lost in the last hour${rows}</table></div>`;
}

/** What came in during the last hour, and what of it was refused or dropped for which reason. */
export function intakeSection(totals: readonly SourceTally[]): HtmlPart {
  const rows = totals.map(
    ({ source, tally }) => html`<tr><td>${text(source)}<td class="number">${countText(tally.accepted)}
      <td class="number">${countText(tally.selected)}<td class="number faint">${countText(tally.unselected)}
      <td class="number">${countText(tally.stored)}`,
  );
  if (rows.length === 0) return html`<p class="faint">Nothing came in during the last hour.`;
  return [
    html`<div><table><tr><th>source<th class="number">accepted<th class="number">used by rules<th class="number">not used
      <th class="number">stored${rows}</table></div>`,
    lossesOf(totals),
  ];
}

function lossesOf(totals: readonly SourceTally[]): HtmlPart {
  const losses = totals.flatMap(({ source, tally, examples }) =>
    (['refused', 'dropped'] as const).flatMap((how) =>
      Object.entries(tally[how]).map(([reason, count]) => {
        const example = examples.find((one) => one.reason === reason);
        return { source, how, reason, count, example };
      }),
    ),
  );
  if (losses.length === 0) return html`<p>Nothing was refused, and nothing dropped.`;
  losses.sort((a, b) => b.count - a.count);
  const rows = losses.map(
    ({ source, how, reason, count, example }) => html`<tr><td>${text(source)}<td>${how}<td>${text(reason)}
      <td class="number">${countText(count)}<td class="text">${exampleText(example)}`,
  );
  return html`<div><table><tr><th>source<th>what<th>why<th class="number">samples<th>for example${rows}</table></div>`;
}

function exampleText(example: DropExample | undefined): HtmlPart {
  if (example === undefined) return '';
  const { series, detail = '' } = example;
  return [series === '' ? '' : html`<code>${text(series)}</code> `, html`<span class="faint">${text(detail)}</span>`];
}

/** How far behind the evaluator is, and what fails. */
export function evaluationSection({ verdict, lag, skipped, failing }: EvaluationStatus): HtmlPart {
  const told: Readonly<Record<EvaluationStatus['verdict'], string>> = {
    current: `${ageText(lag ?? 0)} behind now, as it should be.`,
    behind: `${ageText(lag ?? 0)} behind now. It catches up by itself once its cause is gone.`,
    never: 'No evaluation has ended yet.',
    none: 'Nothing is evaluated here: the plan has no derived rules, or servers that are asked compute them all.',
  };
  const over = skipped === 0 ? '' : html` ${ageText(skipped)} were passed over since the beginning.`;
  const rows = failing.map(
    ({ group, rule, error }) => html`<tr><td class="text">${text(rule)}<td class="faint">${text(group)}
      <td class="text bad">${text(error)}`,
  );
  const failures =
    rows.length === 0 ? '' : html`<div><table><tr><th>failing rule<th>group<th>error${rows}</table></div>`;
  return [html`<p>${stateOf(verdict)} <span class="faint">${told[verdict]}</span>${over}`, failures];
}

/** What waits to be packed. */
export function compactionSection(classes: readonly CompactionStatus[]): HtmlPart {
  const rows = classes.map(
    ({ retentionClass, verdict, epochs, age }) => html`<tr><td>${retentionClass}<td>${stateOf(verdict)}
      <td class="number">${countText(epochs)}<td class="number">${age === undefined ? '' : ageText(age)}`,
  );
  return html`<div><table><tr><th>kept as<th>state<th class="number">epochs of two hours that wait
    <th class="number">the oldest for${rows}</table></div>`;
}

/** What no worker could process. */
export function deadLettersSection({ count, isComplete, errors }: DeadLettersStatus, now: number): HtmlPart {
  const more = isComplete ? '' : html`<p class="poor">There may be more: not all could be looked at.`;
  if (count === 0) return [html`<p>None.`, more];
  const rows = errors.map(
    (one) => html`<tr><td class="number">${countText(one.count)}<td class="number">${ageText(now - one.oldest)} ago
      <td>${one.sources.map(text).join(', ')}<td class="text bad">${text(one.error)}`,
  );
  return [
    html`<div><table><tr><th class="number">messages<th class="number">the oldest<th>source<th>error${rows}</table></div>`,
    more,
    html`<p class="faint">None of them is lost: mend the cause, then <code>tributary dlq replay</code>.`,
  ];
}

function text(untrusted: string): string {
  return printableText(untrusted, MAX_TEXT);
}

/** A part of the page under its title. */
export function section(title: string, content: HtmlPart): Html {
  return html`<section><h2>${title}</h2>${content}</section>`;
}

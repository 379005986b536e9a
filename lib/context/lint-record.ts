import { CONTEXT_LABELS, VOCABULARY, vocabularyMetric } from './vocabulary.ts';

/** What a rule writes, as far as it can be known without data. */
export interface RecordedSeries {
  readonly record: string;
  /** Labels that the rule sets to a fixed value. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that its expression or a relabel config writes, whose values only the data tells. */
  readonly written: Pick<ReadonlySet<string>, 'has'>;
  /** A rule of ours: its record must be in the vocabulary, its label values among the known ones. */
  readonly strict: boolean;
}

/** One thing that the vocabulary does not allow; `key` is where it stands in the rule (`record` or `labels.<name>`). */
export interface LintFinding {
  readonly key: string;
  readonly message: string;
}

/**
 * Holds a rule to the vocabulary. A record outside `asserts:` is the user's own metric, free in name and labels except
 * for those that begin with `asserts_`.
 */
export function lintRecord(series: RecordedSeries): LintFinding[] {
  return [...lintName(series), ...lintMandatory(series), ...lintLabels(series)];
}

/** The finding for one `asserts_` label and its value, or undefined when it is allowed. */
export function lintContextLabel(name: string, value: string, strict: boolean): string | undefined {
  if (!name.startsWith('asserts_')) return undefined;
  const label = CONTEXT_LABELS.find((one) => one.name === name);
  if (label === undefined) {
    return `${name} is not a context label${nearest(
      name,
      CONTEXT_LABELS.map((one) => one.name),
    )}; labels of your own must not begin with asserts_`;
  }
  if (value === '' || label.values.includes(value)) return undefined;
  const open = label.form !== undefined && (!strict || label.values.length === 0);
  if (open && label.form?.test(value)) return undefined;
  const wanted =
    label.values.length > 0 ? `use one of ${label.values.join(', ')}` : `values look like ${label.form?.source}`;
  return `${JSON.stringify(value)} is not a value of ${name}${nearest(value, label.values)}; ${wanted}`;
}

function lintName({ record, strict }: RecordedSeries): LintFinding[] {
  if (vocabularyMetric(record) !== undefined || !(strict || record.startsWith('asserts:'))) return [];
  const names = VOCABULARY.map((metric) => metric.metricFamilyName);
  const message = `${record} is not a contextualized metric${nearest(record, names)}; docs/contextualized-metrics.md lists them`;
  return [{ key: 'record', message }];
}

function lintMandatory({ record, labels, written }: RecordedSeries): LintFinding[] {
  const missing = (vocabularyMetric(record)?.mandatoryLabels ?? []).filter(
    (name) => !labels[name] && !written.has(name),
  );
  const findings = missing.map((name) => ({
    key: 'labels',
    message: `${record} needs the label ${name}; add it to the rule's labels`,
  }));
  const type = labels['asserts_request_type'];
  if (record.startsWith('asserts:client:error:') && type !== undefined && type !== 'inbound') {
    const message = `${record} is about inbound requests only; record failed ${type} requests as asserts:error:total`;
    findings.push({ key: 'labels.asserts_request_type', message });
  }
  return findings;
}

function lintLabels({ labels, strict }: RecordedSeries): LintFinding[] {
  return Object.entries(labels).flatMap(([name, value]) => {
    const message = lintContextLabel(name, value, strict);
    return message === undefined ? [] : [{ key: `labels.${name}`, message }];
  });
}

/** A hint at the name that was probably meant. */
function nearest(name: string, candidates: readonly string[]): string {
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .sort((a, b) => a.distance - b.distance)[0];
  return ranked !== undefined && ranked.distance <= 3 ? ` (did you mean ${ranked.candidate}?)` : '';
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

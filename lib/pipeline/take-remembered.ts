import { Labels } from '../model/labels.ts';
import type { MetricMetadata } from '../model/metadata.ts';
import { decodeV1 } from '../prompb/decode-v1.ts';
import type { SeriesMemory } from '../prompb/series-memory.ts';
import { DecodeError, type TimeSeries } from '../prompb/write-request.ts';
import { MAX_MESSAGE_BODY_BYTES } from '../queue/interface.ts';
import type { Intake } from './intake.ts';
import { IntakeReport } from './intake-report.ts';
import { packMessages } from './pack-messages.ts';
import { type Selects, selectSeries } from './select-series.ts';
import { validateLabels } from './validate-labels.ts';
import { type AcceptedSeries, type ValidationRules, validateSeries } from './validate-series.ts';

/**
 * So many series may be judged one by one; where there are more, the whole request is cheaper. It also bounds what a
 * request of nothing but oddities can cost.
 */
const MAX_UNUSUAL = 4096;

/**
 * Takes a body apart by what is remembered of its series: labels are decoded, validated and selected when they are met
 * first, then never again. What depends on the sample, its time, is looked at each time. Comes to what `takePlainly`
 * comes to; undefined where only that one can say.
 */
export function takeRemembered(
  body: Uint8Array,
  rules: Omit<ValidationRules, 'hasSamples'>,
  selects: Selects,
  memory: SeriesMemory,
): Intake | undefined {
  const { protocol, limits, now } = rules;
  if (!memory.open(body, protocol, now - limits.maxSampleAgeMs, now + limits.maxSampleAheadMs)) return undefined;
  const report = new IntakeReport();
  try {
    const rest = walk(memory, { ...rules, hasSamples: true }, selects, report);
    if (rest === undefined) return undefined;
    const { selected, unselected, metadata } = memory.taken;
    report.accept(selected, 0, 0, true);
    report.accept(unselected, 0, 0, false);
    report.acceptMetadata(metadata);
    const unusual = selectSeries(rest.series, rest.families, selects, report, (name) => memory.hasName(name));
    const bodies = unusual.length > 0 || selected === 0 ? packMessages(unusual) : [];
    if (selected === 0) return { report, bodies };
    const message = memory.close();
    if (message === undefined || message.length > MAX_MESSAGE_BODY_BYTES) return undefined;
    return { report, bodies: [message, ...bodies] };
  } catch (error) {
    // Found where a field of its own was decoded: the plain way names the byte of the whole message.
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

/** What was not taken on the way, in the order of the request. */
interface Rest {
  readonly series: readonly AcceptedSeries[];
  readonly families: readonly MetricMetadata[];
}

function walk(memory: SeriesMemory, rules: ValidationRules, selects: Selects, report: IntakeReport): Rest | undefined {
  const series: AcceptedSeries[] = [];
  const families: MetricMetadata[] = [];
  let unusual = 0;
  let hasSamples = false;
  for (let encounter = memory.next(); encounter !== 'end'; encounter = memory.next()) {
    if (encounter === 'give-up') return undefined;
    if (encounter === 'family') {
      families.push(...decodeV1(memory.field).metadata);
      continue;
    }
    if (encounter === 'new-series' && memory.isPlain && rememberPlain(memory, selects)) continue;
    const sent = memory.readSeries();
    if (encounter === 'new-series' && !memory.isPlain && remember(sent, memory, rules, selects)) continue;
    memory.skip();
    unusual++;
    hasSamples ||= sent.samples.length + sent.histograms.length > 0;
    // Whether exemplars may stand alone is known when the samples of the whole request are.
    if (unusual > MAX_UNUSUAL || (hasExemplarsOnly(sent) && !hasSamples && !hasTaken(memory))) return undefined;
    const accepted = validateSeries(sent, rules, report);
    if (accepted !== undefined) series.push(accepted);
  }
  return { series, families };
}

/** Decides about a valid series for all its samples to come. False where there is no room. */
function rememberPlain(memory: SeriesMemory, selects: Selects): boolean {
  const name = memory.metricName;
  if (selects.usesName?.(name) === false) {
    memory.disuseName();
    return true;
  }
  if (selects.wantsName?.(name) && memory.wantName()) return true;
  const labels = memory.readLabels();
  if (labels === undefined) return false;
  return selects(labels) ? memory.rememberSelected(labels) : memory.rememberUnselected();
}

/** The same for a series whose labels have to be validated, and perhaps sorted. False also where it is refused. */
function remember(
  { labels: sent, defect }: TimeSeries,
  memory: SeriesMemory,
  { limits }: ValidationRules,
  selects: Selects,
): boolean {
  const labels = defect === undefined ? validateLabels(sent, limits) : undefined;
  if (!(labels instanceof Labels)) return false;
  return selects(labels) ? memory.rememberSelectedAs(labels) : memory.rememberUnselected();
}

function hasExemplarsOnly({ samples, histograms, exemplars }: TimeSeries): boolean {
  return samples.length + histograms.length === 0 && exemplars.length > 0;
}

function hasTaken(memory: SeriesMemory): boolean {
  const { selected, unselected } = memory.taken;
  return selected + unselected > 0;
}

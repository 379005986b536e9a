import type { Histogram } from '../model/histogram.ts';
import type { Labels } from '../model/labels.ts';
import type { Sample } from '../model/sample.ts';
import type { ContextualizedOutput } from '../plan/contextualizer.ts';
import type { ReceivedSamples } from '../prompb/received-samples.ts';
import { InvalidSampleError } from '../storage/errors.ts';
import type { Appender, RefusedSeries } from '../storage/interface.ts';
import { newTally } from '../storage/ledger.ts';
import { type Account, copyAccount, drop, exemplify } from './account.ts';
import { appendHistograms } from './append-histograms.ts';
import type { Verdict } from './cardinality/firewall.ts';
import type { Mapped, PreparedMessage } from './prepare-message.ts';
import type { Arrival } from './read-arrivals.ts';
import type { ReceivedSeries } from './received-series.ts';

/** Samples of a series that a fault of ours kept out of the store: a later version may take them. */
export interface SetAside {
  readonly series: ReceivedSeries;
  readonly samples: readonly Sample[];
  readonly histograms: readonly Histogram[];
  readonly error: Error;
  /** In the account. */
  readonly reason: string;
}

/** What earlier attempts to commit have shown. */
export interface Exceptions {
  /** By key of the labels, series that the store refuses. */
  readonly refused: ReadonlyMap<string, RefusedSeries>;
  /** Series that no commit can take. */
  readonly failing: ReadonlyMap<Mapped, Error>;
}

/** Reasons in the account of what a fault of ours kept out of the store. */
const CANNOT_CONTEXTUALIZE = 'cannot_contextualize';
const CANNOT_STORE = 'cannot_store';

const NONE: Exceptions = { refused: new Map(), failing: new Map() };

/** A message of which everything is appended, and what will be true of it once that is committed. */
export interface AppendedMessage extends Account {
  readonly aside: readonly SetAside[];
}

/** Appends all that can be stored of a message, and counts it. */
export function appendMessage(
  prepared: PreparedMessage,
  appender: Appender,
  { refused, failing }: Exceptions = NONE,
): AppendedMessage {
  const { arrivals, mapped, failed, account } = prepared;
  const { tally, examples } = copyAccount(account);
  const appending: Appending = { samples: arrivals.samples, appender, refused, tally, examples, aside: [] };
  appendMetadata(prepared, appender);
  for (const [arrival, error] of failed)
    setAside(appending, wholeOf(arrival, arrivals.samples), error, CANNOT_CONTEXTUALIZE);
  for (const one of mapped) {
    const error = failing.get(one);
    if (error === undefined) appendSeries(one, appending);
    else setAside(appending, wholeOf(one.arrival, arrivals.samples), error, CANNOT_STORE);
  }
  return appending;
}

export function appendMetadata({ arrivals }: PreparedMessage, appender: Appender): void {
  for (const { series, metadata } of arrivals.list) {
    if (metadata !== undefined) appender.appendMetadata({ metricFamilyName: series.raw.metricName, ...metadata });
  }
}

/** Appends a part of a message, and counts nothing. */
export function appendPart({ arrivals }: PreparedMessage, part: readonly Mapped[], appender: Appender): void {
  const [tally, examples] = [newTally(), []];
  const appending = { samples: arrivals.samples, appender, refused: NONE.refused, tally, examples, aside: [] };
  for (const one of part) appendSeries(one, appending);
}

/** A message while it is appended. */
interface Appending extends Account {
  readonly samples: ReceivedSamples;
  readonly appender: Appender;
  readonly refused: Exceptions['refused'];
  readonly aside: SetAside[];
}

function appendSeries({ arrival, verdict }: Mapped, appending: Appending): void {
  const { series, begin, end, histograms } = arrival;
  const judgement = (verdict as Verdict).judgement;
  if (judgement.kind === 'refused') {
    drop(appending, end - begin + histograms.length, series.raw, judgement.reason, judgement.detail);
    return;
  }
  const outputs = storable(judgement.outputs, arrival, appending);
  if (outputs.length === 0) return;
  const failed: Failed = {};
  for (let i = begin; i < end; i++) {
    const sample = appending.samples.at(i);
    try {
      appendOutputs(outputs, sample, series.raw, appending);
    } catch (error) {
      failed.error ??= error as Error;
      failed.samples = [...(failed.samples ?? []), sample];
    }
  }
  appendAllHistograms(outputs, arrival, appending, failed);
  const { error, samples = [], histograms: unable = [] } = failed;
  if (error !== undefined) {
    setAside(appending, { series, samples, histograms: unable }, error, CANNOT_CONTEXTUALIZE);
  }
}

/** What of a series could not be appended; nothing is made for the many of which everything can. */
interface Failed {
  samples?: Sample[];
  histograms?: Histogram[];
  error?: Error;
}

/** The outputs that the store has not refused; what is refused is counted, or shown where another output is stored. */
function storable(
  outputs: readonly ContextualizedOutput[],
  { series, begin, end, histograms }: Arrival,
  appending: Appending,
): readonly ContextualizedOutput[] {
  const { refused } = appending;
  if (refused.size === 0) return outputs;
  const kept = outputs.filter(({ labels }) => !refused.has(labels.key));
  for (const { labels } of outputs) {
    const refusal = refused.get(labels.key);
    if (refusal === undefined) continue;
    if (kept.length > 0) exemplify(appending, series.raw, refusal.reason, refusal.detail);
    else drop(appending, end - begin + histograms.length, series.raw, refusal.reason, refusal.detail);
    if (kept.length === 0) break;
  }
  return kept;
}

function appendOutputs(
  outputs: readonly ContextualizedOutput[],
  sample: Sample,
  raw: Labels,
  appending: Appending,
): void {
  const { appender, tally } = appending;
  try {
    for (const { labels, map } of outputs) {
      const value = map(sample.value);
      appender.append(labels, Object.is(value, sample.value) ? sample : { ...sample, value });
    }
    tally.contextualized++;
    tally.stored += outputs.length;
  } catch (error) {
    if (!(error instanceof InvalidSampleError)) throw error;
    drop(appending, 1, raw, 'invalid_sample', error.message);
  }
}

function appendAllHistograms(
  outputs: readonly ContextualizedOutput[],
  { series, histograms }: Arrival,
  appending: Appending,
  failed: Failed,
): void {
  if (histograms.length === 0) return;
  appendHistograms(outputs, histograms, series.raw, appending.appender, {
    tally: appending.tally,
    drop: (...what) => drop(appending, ...what),
    fail: (histogram, error) => {
      failed.error ??= error;
      failed.histograms = [...(failed.histograms ?? []), histogram];
    },
  });
}

type PartOfSeries = Omit<SetAside, 'error' | 'reason'>;

function wholeOf({ series, begin, end, histograms }: Arrival, samples: ReceivedSamples): PartOfSeries {
  return { series, samples: Array.from({ length: end - begin }, (_, i) => samples.at(begin + i)), histograms };
}

function setAside(appending: Appending, part: PartOfSeries, error: Error, reason: string): void {
  const { series, samples, histograms } = part;
  appending.aside.push({ ...part, error, reason });
  drop(appending, samples.length + histograms.length, series.raw, reason, `${error.name}: ${error.message}`);
}

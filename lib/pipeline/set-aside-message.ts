import type { HighAvailability, Source } from '../context/tenant.ts';
import type { Label } from '../model/labels.ts';
import { encodeWriteRequest } from '../prompb/encode-write-request.ts';
import type { QueueMessage } from '../queue/interface.ts';
import { countReason, newTally } from '../storage/ledger.ts';
import { asideId } from '../storage/message-id.ts';
import { compress } from '../wire/snappy.ts';
import type { SetAside } from './append-message.ts';
import { formatIntakeAccount } from './intake-account.ts';
import type { ReceivedSeries } from './received-series.ts';

/**
 * A message of what was set aside of another, with a name and an account of its own: the account takes back what was
 * counted as dropped, so once it was contextualized after all, the ledger tells only that.
 */
export function setAsideMessage({ envelope }: QueueMessage, source: Source, aside: readonly SetAside[]): QueueMessage {
  const ha = source.type === 'remote_write' ? source.ha : undefined;
  const tally = newTally();
  const timeseries = aside.map(({ series, samples, histograms, reason }) => {
    countReason(tally.dropped, reason, -(samples.length + histograms.length));
    return { labels: labelsOf(series, ha), samples, histograms, exemplars: [] };
  });
  return {
    envelope: { ...envelope, id: asideId(envelope.id), account: formatIntakeAccount({ tally, examples: [] }) },
    body: compress(encodeWriteRequest({ timeseries, metadata: [] }, 'io.prometheus.write.v2.Request')),
  };
}

/** Why they were set aside: the error of the first. */
export function setAsideError([first, ...others]: readonly SetAside[]): Error {
  if (first === undefined) throw new Error('BUG: nothing was set aside');
  const more = others.length === 0 ? '' : ` and ${others.length} other series`;
  return new Error(`cannot store ${first.series.raw}${more}, apart from their message`, { cause: first.error });
}

/** As they were sent. */
function labelsOf({ raw, replica }: ReceivedSeries, ha: HighAvailability | undefined): Label[] {
  const sent = ha === undefined || replica === '' ? raw : raw.with({ [ha.replicaLabel]: replica });
  return [...sent];
}

import { compareStrings } from '../../model/compare-strings.ts';
import type { ActiveAlert } from '../../storage/rule-state.ts';
import { labelString } from '../json/json-string.ts';
import type { JsonWriter } from '../json/json-writer.ts';
import { formatGoTime } from './go-time.ts';

/** An alert, key by key as Prometheus writes it. */
export function writeAlert(out: JsonWriter, alert: ActiveAlert): void {
  out.write('{"labels":');
  writeLabelMap(out, alert.labels);
  out.write(',"annotations":');
  writeLabelMap(out, alert.annotations);
  out.write(`,"state":"${alert.state}","activeAt":"${formatGoTime(alert.activeAt)}"`);
  if (alert.keepFiringSince !== undefined) out.write(`,"keepFiringSince":"${formatGoTime(alert.keepFiringSince)}"`);
  out.write(`,"value":"${alert.value}"}`);
}

/** Labels or annotations, sorted by name. */
export function writeLabelMap(out: JsonWriter, labels: Readonly<Record<string, string>>): void {
  const names = Object.keys(labels).sort(compareStrings);
  out.write(`{${names.map((name) => `${labelString(name)}:${labelString(labels[name] as string)}`).join(',')}}`);
}

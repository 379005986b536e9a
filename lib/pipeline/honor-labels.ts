import { type Label, Labels } from '../model/labels.ts';

const EXPORTED = 'exported_';

/**
 * A series' labels as the source wants them. Where they are honored they stay: nothing is added to a series without
 * `job` or `instance` (`/federate` writes `instance=""` for that), so that it is the same series as by remote write. Else
 * `job` and `instance` are the source's, and those of the series become `exported_job` and `exported_instance`, as
 * Prometheus names them.
 */
export function honorLabels(
  labels: Labels,
  honored: boolean,
  own: Readonly<Record<'job' | 'instance', string>>,
): Label[] {
  if (honored) return [...labels];
  const changed = labels.toMap();
  for (const [name, value] of Object.entries(own)) {
    const theirs = changed.get(name);
    if (theirs !== undefined) changed.set(freeName(changed, name), theirs);
    changed.set(name, value);
  }
  return [...Labels.fromMap(changed)];
}

/** `exported_` again, until nothing has that name. */
function freeName(taken: ReadonlyMap<string, string>, name: string): string {
  const exported = EXPORTED + name;
  return taken.has(exported) ? freeName(taken, exported) : exported;
}

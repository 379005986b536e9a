import type { HighAvailability, ScopeConfig } from '../context/tenant.ts';
import { type Label, Labels } from '../model/labels.ts';
import type { Contextualized, Contextualizer } from '../plan/contextualizer.ts';
import { RememberedSeries } from '../plan/series-cache.ts';
import type { Verdict } from './cardinality/firewall.ts';

/** A series of one source as the worker knows it, with what its labels decided: found again by their bytes. */
export class ReceivedSeries {
  /** Without the replica label, where replicas are told apart. */
  readonly raw: Labels;
  /** Value of the replica label; `''` where leaders have no say. */
  readonly replica: string = '';
  /** Value of the cluster label of a replica. */
  readonly cluster: string = '';
  /** What the firewall judged last. */
  verdict: Verdict | undefined;
  #remembered: RememberedSeries | undefined;

  /** @param labels as they were sent. */
  constructor(labels: readonly Label[], ha?: HighAvailability) {
    this.raw = Labels.from(labels);
    if (ha === undefined) return;
    this.replica = this.raw.get(ha.replicaLabel);
    if (this.replica === '') return;
    this.cluster = this.raw.get(ha.clusterLabel);
    this.raw = this.raw.without(ha.replicaLabel);
  }

  /** What the series becomes. Always the same contextualizer, scope and source: whoever has the series has one of each. */
  contextualize(contextualizer: Contextualizer, scope: ScopeConfig, source: string): Contextualized {
    const known = this.#remembered?.recall();
    if (known !== undefined) return known;
    const found = contextualizer.look(this.raw, scope, source);
    if (!(found instanceof RememberedSeries)) return found;
    this.#remembered = found;
    const { result } = found;
    if (result === undefined) throw new Error(`BUG: ${this.raw} was forgotten while it was looked for`);
    return result;
  }
}

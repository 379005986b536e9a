import { OTHER_CONTEXT, REQUEST_CONTEXT_LABEL } from '../../context/request-context.ts';
import { ENV_LABEL, SITE_LABEL } from '../../context/scope.ts';
import { DEFAULT_CARDINALITY_LIMITS, type Tenant } from '../../context/tenant.ts';
import type { Labels } from '../../model/labels.ts';
import type { ContextualizedOutput } from '../../plan/contextualizer.ts';
import { DAY_MS } from '../../storage/retention-window.ts';
import { ServiceContexts, type ServiceContextsOptions } from './service-contexts.ts';

/** Whose contexts are counted together, beside the name of the service. */
export const SERVICE_LABELS = [ENV_LABEL, SITE_LABEL, 'namespace', 'asserts_source', 'asserts_request_type'] as const;

/** The first that a series has names the service. */
const NAME_LABELS = ['workload', 'service', 'job'];

/** A context without a place asks again after this, ms. */
const RETRY_MS = 10 * 60_000;

/** What was decided for the labels of an output, and until when (ms) that holds. */
interface Verdict {
  readonly labels: Labels;
  readonly until: number;
}

/** Contexts that one message asks for, with the labels that ask. */
type Wishes = Map<string, Map<string, Labels[]>>;

/** The budget of request contexts of a service: contexts that find no room are folded into `__other__`. */
export class ContextBudgets {
  readonly #contexts: ServiceContexts;
  readonly #now: () => number;
  /** By labels of outputs, which are the same object for as long as the worker remembers the series. */
  readonly #verdicts = new WeakMap<Labels, Verdict>();

  constructor(options: ServiceContextsOptions) {
    this.#contexts = new ServiceContexts(options);
    this.#now = options.now;
  }

  /**
   * Decides the contexts of these outputs; `fold` then knows them.
   *
   * @throws StorageUnavailableError
   */
  async decide(tenant: Tenant, outputs: Iterable<ContextualizedOutput>): Promise<void> {
    const wishes = this.#wishes(outputs);
    const { maxRequestContextsPerService } = tenant.cardinality ?? DEFAULT_CARDINALITY_LIMITS;
    for (const [service, contexts] of wishes) {
      const names = [...contexts.keys()];
      const admitted = await this.#contexts.admit(tenant.name, service, names, maxRequestContextsPerService);
      // An admitted context has to be seen once a day, so that its place is not given away.
      const tomorrow = (Math.floor(this.#now() / DAY_MS) + 1) * DAY_MS;
      for (const [context, asking] of contexts) {
        for (const labels of asking) {
          const verdict = admitted.has(context)
            ? { labels, until: tomorrow }
            : { labels: labels.with({ [REQUEST_CONTEXT_LABEL]: OTHER_CONTEXT }), until: this.#now() + RETRY_MS };
          this.#verdicts.set(labels, verdict);
        }
      }
    }
  }

  /** The output with the context that was decided for it. */
  fold(output: ContextualizedOutput): ContextualizedOutput {
    const verdict = this.#verdicts.get(output.labels);
    return verdict === undefined || verdict.labels === output.labels ? output : { ...output, labels: verdict.labels };
  }

  #wishes(outputs: Iterable<ContextualizedOutput>): Wishes {
    const now = this.#now();
    const wishes: Wishes = new Map();
    for (const { labels } of outputs) {
      const known = this.#verdicts.get(labels);
      if (known !== undefined && now < known.until) continue;
      const context = labels.get(REQUEST_CONTEXT_LABEL);
      if (context === '' || context === OTHER_CONTEXT) continue;
      const service = serviceOf(labels);
      const contexts = wishes.get(service) ?? new Map<string, Labels[]>();
      wishes.set(service, contexts);
      const asking = contexts.get(context);
      if (asking === undefined) contexts.set(context, [labels]);
      else asking.push(labels);
    }
    return wishes;
  }
}

/** JSON of the values of `SERVICE_LABELS`, then the service's name. */
function serviceOf(labels: Labels): string {
  const name = NAME_LABELS.map((label) => labels.get(label)).find((value) => value !== '') ?? '';
  return JSON.stringify([...SERVICE_LABELS.map((label) => labels.get(label)), name]);
}

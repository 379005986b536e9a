import { ENV_LABEL, SITE_LABEL } from '../../context/scope.ts';
import type { SignalExpansion, SignalProblem } from './rule-draft.ts';
import { selectorText } from './selector.ts';
import type { SignalOf } from './signal.ts';

type Relation = SignalOf<'relation'>;

/** Who calls or routes to whom, from a metric whose labels name both. The value is the rate of the calls, or the gauge. */
export const relation: SignalExpansion<Relation> = {
  problems: (signal) => [...emptyProblems(signal), ...circleProblems(signal)],
  expand: (signal) => {
    const { metric, where = [], type = 'counter', source, labels } = signal;
    const selector = selectorText(metric, '', where);
    const amount = type === 'counter' ? `rate(${selector}[5m])` : selector;
    const { ordered } = orderOf(signal);
    const named = ordered.reduce(
      (inner, { target, raw }) => `label_replace(${inner}, "${target}", "$1", "${raw}", "(.*)")`,
      amount,
    );
    const targets = pairsOf(signal).map(({ target }) => target);
    const keys = [...new Set([ENV_LABEL, SITE_LABEL, ...targets])].join(', ');
    const edge = {
      record: `asserts:relation:${signal.relation ?? 'calls'}`,
      expr: `sum by (${keys}) (${named}) > 0`,
      labels: { asserts_source: source, ...labels },
    };
    return { rules: [edge], relabelConfigs: [] };
  },
};

interface Renaming {
  readonly target: string;
  readonly raw: string;
}

function pairsOf({ from, to }: Relation): Renaming[] {
  return [
    ...Object.entries(from).map(([name, raw]) => ({ target: name, raw })),
    ...Object.entries(to).map(([name, raw]) => ({ target: `dst_${name}`, raw })),
  ];
}

/** Renamings one after the other: a label must not be written before all that read it have done so. */
function orderOf(signal: Relation): { readonly ordered: readonly Renaming[]; readonly stuck: readonly Renaming[] } {
  let left = pairsOf(signal).filter(({ target, raw }) => target !== raw);
  const kept = new Set(
    pairsOf(signal)
      .filter(({ target, raw }) => target === raw)
      .map(({ raw }) => raw),
  );
  const ordered: Renaming[] = [];
  while (left.length > 0) {
    const next = left.find(({ target }) => !left.some((other) => other.target !== target && other.raw === target));
    if (next === undefined || kept.has(next.target)) return { ordered, stuck: left };
    ordered.push(next);
    left = left.filter((one) => one !== next);
  }
  return { ordered, stuck: [] };
}

function circleProblems(signal: Relation): SignalProblem[] {
  const [first] = orderOf(signal).stuck;
  if (first === undefined) return [];
  const message = `labels would overwrite each other: ${first.target} is still read when it is written; rename one of them by a relabel config first`;
  return [{ key: first.target.startsWith('dst_') ? 'to' : 'from', message }];
}

function emptyProblems(signal: Relation): SignalProblem[] {
  return (['from', 'to'] as const)
    .filter((key) => Object.keys(signal[key]).length === 0)
    .map((key) => ({ key, message: 'is empty; name at least one label' }));
}

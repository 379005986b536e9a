import { compilePlan } from '../../../lib/plan/compile-plan.ts';
import { Contextualizer } from '../../../lib/plan/contextualizer.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { MistakesError } from '../../../lib/rules/mistake.ts';
import { parseSignalsFile } from '../../../lib/rules/signals/parse-signals-file.ts';
import { series } from '../../model/series.ts';

/** The rules of a list of signals as `record{labels} = expr`, one a line. */
export function expand(signals: string): string {
  const { ruleFile } = parseSignalsFile('signals.yml', `signals:\n${signals}`);
  return ruleFile.groups
    .flatMap(({ rules }) =>
      rules.map((rule) => {
        if (rule.kind !== 'recording') throw new Error('signals make recording rules only');
        const labels = Object.entries(rule.labels).map(([name, value]) => `${name.replace('asserts_', '')}=${value}`);
        return `${rule.record}{${labels.join(' ')}} = ${rule.expr}`;
      }),
    )
    .join('\n');
}

/** The relabel configs of a list of signals as `[sources] regex -> target: replacement` or `drop`, one a line. */
export function relabelOf(signals: string): string {
  const { relabelFile } = parseSignalsFile('signals.yml', `signals:\n${signals}`);
  return relabelFile.configs
    .map(({ config: { sourceLabels, regex, action, targetLabel, replacement } }) => {
      const effect = action === 'drop' ? 'drop' : `${targetLabel}: ${replacement}`;
      return `[${sourceLabels.join(', ')}] ${regex} -> ${effect}`;
    })
    .join('\n');
}

/** The mistakes of a list of signals, one a line. */
export function mistakesOf(signals: string): string {
  try {
    expand(signals);
  } catch (error) {
    if (error instanceof MistakesError) return error.message;
    throw error;
  }
  return 'none';
}

/** The plan of a list of signals, held to the whole vocabulary. */
export function planOfSignals(signals: string): Plan {
  const { ruleFile, relabelFile } = parseSignalsFile('signals.yml', `signals:\n${signals}`);
  const files = { ruleFiles: [ruleFile], relabelFiles: [relabelFile] };
  return compilePlan({ packs: [{ name: 'test', description: '', strict: true, ...files }] });
}

const SCOPE = { env: { labels: [], default: 'prod' }, site: { labels: [] } };

/** `record value of 8000 [context, le]` of everything that a raw series becomes; or why it was dropped. */
export function contextualizeBy(plan: Plan, raw: string): string[] {
  const result = new Contextualizer(plan).contextualize(series(raw), SCOPE);
  if (result.kind === 'dropped') return [result.reason];
  return result.outputs.map(({ labels, map }) => {
    const shown = ['asserts_request_context', 'asserts_error_type', 'le', 'version', '__excluded']
      .filter((name) => labels.has(name))
      .map((name) => `${name.replace('asserts_', '')}=${labels.get(name)}`);
    return [labels.metricName, map(8000), ...shown].join(' ');
  });
}

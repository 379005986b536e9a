import { RELABEL_DEFAULTS } from '../../relabel/parse-relabel-config.ts';
import type { RelabelConfig } from '../../relabel/relabel-config.ts';

/** Relabel configs as a YAML list, without what Prometheus fills in. JSON strings are YAML strings. */
export function relabelYaml(configs: readonly RelabelConfig[]): string {
  return configs.map(configText).join('');
}

function configText(config: RelabelConfig): string {
  const { sourceLabels, action } = config;
  const lines = [
    ...(sourceLabels.length === 0 ? [] : [`source_labels: ${JSON.stringify(sourceLabels)}`]),
    ...KEYS.filter(([key]) => config[key] !== RELABEL_DEFAULTS[key]).map(
      ([key, name]) => `${name}: ${JSON.stringify(config[key])}`,
    ),
    ...(action === RELABEL_DEFAULTS.action ? [] : [`action: ${action}`]),
  ];
  return lines.map((line, i) => `${i === 0 ? '  - ' : '    '}${line}\n`).join('');
}

const KEYS = [
  ['separator', 'separator'],
  ['regex', 'regex'],
  ['modulus', 'modulus'],
  ['targetLabel', 'target_label'],
  ['replacement', 'replacement'],
] as const;

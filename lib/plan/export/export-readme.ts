import { formatDuration } from '../../promql/duration.ts';
import type { Plan } from '../plan.ts';

/** How the exported files are put in place, and what they cannot do. */
export function exportReadme({ version, packs, relabelConfigs, mappings }: Plan, scrapeInterval?: number): string {
  const often =
    scrapeInterval === undefined
      ? '`evaluation_interval` says how often; as often as the targets are scraped is right, and\n  `--scrape-interval` writes it into these groups'
      : `their groups are evaluated every ${formatDuration(scrapeInterval)}, as often as the targets are scraped`;
  const drops = relabelConfigs.filter(({ action }) => action === 'drop' || action === 'keep').length;
  return `# Contextualized metrics for a Prometheus alone

Made by \`tributary export\` from plan ${version} (${packs.join(', ')}). Make it again when rules change.

\`\`\`yaml
# prometheus.yml
rule_files: [mapping.rules.yml, derived.rules.yml]
scrape_configs:
  - job_name: shop
    metric_relabel_configs: []   # here the list of metric_relabel_configs.yml, in each job whose metrics are to be mapped
\`\`\`

\`promtool check rules *.rules.yml\` checks the rules, \`promtool check config prometheus.yml\` the rest.

- \`metric_relabel_configs.yml\` gives raw series their scope (\`asserts_env\`, \`asserts_site\`), their request context and their identity. The
  context is a label of the raw series then. ${drops} of the configs drop raw series that are no requests, such as health checks: without
  them these count.
- \`mapping.rules.yml\` records ${mappings.length} normalised metrics from raw ones, \`derived.rules.yml\` rates, ratios, utilisation and alerts from
  those. A rule sees what other groups recorded at their last evaluation.

What only Tributary does:

- Request contexts are not folded: \`/cart/4711\` stays \`/cart/4711\`, where Tributary makes it \`/cart/{}\`.
- Mapping rules of Prometheus take samples at evaluation times, not as they come in: ${often}.
  With longer pauses resets may be missed.
- Series without \`asserts_env\` are kept.
`;
}

import type { ScopeConfig } from '../../context/tenant.ts';
import type { Plan } from '../plan.ts';
import { writeRuleFile } from '../write-rule-file.ts';
import { exportReadme } from './export-readme.ts';
import { mappingGroups } from './mapping-groups.ts';
import { relabelYaml } from './relabel-yaml.ts';
import { scrapeRelabelConfigs } from './scrape-relabel-configs.ts';

export interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

export interface ExportOptions {
  /** How often the Prometheus scrapes, ms; mapping rules are then evaluated as often. */
  readonly scrapeInterval?: number;
}

/**
 * A plan as files for a Prometheus that is to do all of it by itself: relabel configs for its scrapes, mapping rules as
 * recording rules, derived rules and alerts, and how to put them in place.
 */
export function exportPlan(plan: Plan, scope: ScopeConfig, { scrapeInterval }: ExportOptions = {}): ExportedFile[] {
  const { version } = plan;
  const mapping = mappingGroups(plan, scrapeInterval);
  const relabelConfigs = scrapeRelabelConfigs(plan, scope);
  return [
    { name: 'mapping.rules.yml', text: writeRuleFile({ version, derived: mapping }) },
    { name: 'derived.rules.yml', text: writeRuleFile({ version, derived: byLevel(plan) }) },
    {
      name: 'metric_relabel_configs.yml',
      text:
        `# Made by \`tributary export\` from plan ${version}. Make it again when rules change.\n` +
        `metric_relabel_configs:\n${relabelYaml(relabelConfigs)}`,
    },
    { name: 'README.md', text: exportReadme(plan, scrapeInterval) },
  ];
}

/** Groups that others read come first. Within a group the order is that of the file, in which rules can be evaluated. */
function byLevel({ derived }: Plan): Plan['derived'] {
  const levelOf = ({ rules }: Plan['derived'][number]) => Math.min(...rules.map(({ level }) => level));
  return [...derived].sort((a, b) => levelOf(a) - levelOf(b));
}

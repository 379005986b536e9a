import type { Command } from 'commander';
import { selectorOf, seriesOf } from '../api/params/series-parameter.ts';
import { compileRuntime } from '../config/compile-runtime.ts';
import type { CompiledRuntime } from '../config/runtime.ts';
import type { Tenant } from '../context/tenant.ts';
import { explainSeries } from '../pipeline/explain/explain-series.ts';
import type { Explanation } from '../pipeline/explain/explanation.ts';
import { PlanReader } from '../pipeline/explain/plan-reader.ts';
import { CommandError } from './command-error.ts';
import { askDeployment, type Deployment, deploymentOf, withDeployment } from './deployment.ts';
import { describeExplanation } from './describe-explanation.ts';
import type { Terminal } from './terminal.ts';

interface ExplainForm {
  readonly config: string;
  readonly url?: string;
  readonly token?: string;
  readonly tenant?: string;
  readonly time?: string;
  readonly breadth: string;
  readonly json?: boolean;
}

/** Adds `tributary explain`: where a series comes from, by the plan alone or as a deployment has it. */
export function addExplain(program: Command, terminal: Terminal): void {
  withDeployment(
    program
      .command('explain <series>')
      .description('where a contextualized series comes from: rule, file and line, steps, raw series and samples')
      .option('-c, --config <file>', 'the configuration, where no --url is given', 'tributary.yml')
      .option('--tenant <name>', 'whose sources to think of, where no --url is given; default: the first')
      .option('--time <time>', 'seconds or RFC 3339; default: now')
      .option('--breadth <count>', 'how many of the series that fed another are shown', '2')
      .option('--json', 'the whole explanation as JSON'),
  ).action(async (series: string, form: ExplainForm) => {
    const deployment = deploymentOf(form, terminal.environment);
    const explanation = await (deployment === undefined
      ? explainByPlan(series, form, terminal)
      : explainByDeployment(series, form, deployment));
    terminal.write(form.json ? `${JSON.stringify(explanation, null, 2)}\n` : describeExplanation(explanation));
  });
}

async function explainByDeployment(series: string, form: ExplainForm, deployment: Deployment): Promise<Explanation> {
  const { breadth, time } = form;
  const asked = { series, breadth, ...(time !== undefined && { time }) };
  const { explanation } = (await askDeployment(deployment, '/api/v1/explain', asked)) as { explanation: Explanation };
  return explanation;
}

async function explainByPlan(text: string, { config, tenant }: ExplainForm, terminal: Terminal): Promise<Explanation> {
  const runtime = compileRuntime(config, { environment: terminal.environment, warn: () => {} });
  const series = seriesOf(selectorOf(text));
  if (series === undefined) {
    throw new CommandError(`cannot explain ${text} without a store: write every label with =, or give --url`);
  }
  const world = {
    reader: new PlanReader(runtime.plan),
    tenant: tenantOf(runtime, tenant),
    evaluationInterval: runtime.evaluation.interval,
  };
  return explainSeries(series, world, { time: Date.now(), breadth: 0 });
}

function tenantOf({ tenants }: CompiledRuntime, name: string | undefined): Tenant {
  const found = name === undefined ? tenants[0] : tenants.find((tenant) => tenant.name === name);
  if (found !== undefined) return found;
  throw new CommandError(`there is no tenant ${name}; tributary.yml has ${tenants.map((one) => one.name).join(', ')}`);
}

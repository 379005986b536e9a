import { type Command, Option } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { newSecretReader } from '../config/secret-reader.ts';
import { DEFAULT_SCOPE, type ScopeConfig, type Source } from '../context/tenant.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { parseDuration } from '../promql/duration.ts';
import { queryInstant } from '../remote/query.ts';
import { newRemoteClient } from '../remote/remote-client.ts';
import type { Pack } from '../rules/pack.ts';
import { CommandError } from './command-error.ts';
import { type Deployment, deploymentOf, queryDeployment, withDeployment } from './deployment.ts';
import { findSource } from './find-source.ts';
import { describeTrial } from './rule-trial/describe-trial.ts';
import type { AskInstant } from './rule-trial/fetch-samples.ts';
import { rulesOf } from './rule-trial/needed-rules.ts';
import { type AnyRule, type Trial, type TrialWindow, tryOverRaw, tryOverStore } from './rule-trial/run-trial.ts';
import { withFiles } from './rules-check.ts';
import type { Terminal } from './terminal.ts';

interface TryForm {
  readonly config: string;
  readonly last: string;
  readonly time?: string;
  readonly url?: string;
  readonly token?: string;
  readonly source?: string;
  readonly prometheus?: string;
  readonly insteadOf?: string;
}

/** Adds `tributary rules try`: what changed rules would change, over data that is there, before they are switched on. */
export function addRulesTry(rules: Command, terminal: Terminal): void {
  withDeployment(
    rules
      .command('try <file>')
      .description('run changed rules over the last hour of a deployment or a Prometheus, and print what they change')
      .option('-c, --config <file>', 'the configuration', 'tributary.yml')
      .option('--last <duration>', 'how much data is read', '1h')
      .option('--time <seconds>', 'the end of it; default: now')
      .option('--instead-of <file>', 'the file in use that the new one shall replace')
      .option('--source <name>', 'read raw series from the server of this source (federation or query)')
      .addOption(new Option('--prometheus <url>', 'read raw series from this server').conflicts(['source', 'url'])),
  ).action(async (file: string, form: TryForm) => {
    const config = loadConfig(form.config, { environment: terminal.environment });
    const window = windowOf(form, config);
    terminal.write(describeTrial(await tryRules(file, form, config, window, terminal), window));
  });
}

async function tryRules(
  file: string,
  form: TryForm,
  config: Config,
  window: TrialWindow,
  { environment }: Terminal,
): Promise<Trial> {
  const inUse = loadPacks(config);
  const replaced = form.insteadOf === undefined ? new Set<string>() : withFiles(inUse, [form.insteadOf]).own;
  const { packs, own } = withFiles(without(inUse, replaced), [file]);
  const after = compilePlan({ packs });
  const isNew = (rule: AnyRule) => own.has(rule.origin.file);
  if (![...after.mappings, ...rulesOf(after.derived)].some(isNew)) {
    throw new CommandError(
      `cannot try ${file}: it has no rules; relabel configs are tried with the rules that they are for`,
    );
  }
  const deployment = deploymentOf(form, environment);
  if (deployment !== undefined) return tryOverStore(after, isNew, over(deployment), window);
  const before = compilePlan({ packs: without(inUse, own) });
  const { ask, scope } = rawOf(form, config, environment);
  return tryOverRaw({ before, after }, isNew, scope, ask, window);
}

function over(deployment: Deployment): AskInstant {
  return (expr, time) => queryDeployment(deployment, expr, time);
}

/** Where raw series are read, and the scope that they get. */
function rawOf(
  { source, prometheus, token }: TryForm,
  config: Config,
  environment: Terminal['environment'],
): { readonly ask: AskInstant; readonly scope: ScopeConfig } {
  if (prometheus !== undefined) {
    const [first] = config.tenants.flatMap(({ sources }) => sources);
    const server = deploymentOf({ url: prometheus, ...(token !== undefined && { token }) }, {});
    if (server === undefined) throw new Error('BUG: a URL makes no server');
    return { ask: over(server), scope: first?.scope ?? DEFAULT_SCOPE };
  }
  if (source === undefined)
    throw new CommandError('cannot try rules without data: give --url, --source or --prometheus');
  const { source: found } = findSource(config, source);
  return { ask: askSource(found, environment), scope: found.scope };
}

function askSource(source: Source, environment: Terminal['environment']): AskInstant {
  if (source.type === 'remote_write') {
    throw new CommandError(`source ${source.name} writes to us and has no URL: name its server with --prometheus`);
  }
  const url = source.type === 'query' ? source.url : (source.servers[0] ?? '');
  const client = newRemoteClient({ url, access: source.access, secret: newSecretReader(environment) });
  const limits = { timeout: source.timeout, maxBytes: source.limits.maxBodyBytes, maxSamples: 1_000_000 };
  return (expr, time) => queryInstant(client, expr, time, limits);
}

function without(packs: readonly Pack[], files: ReadonlySet<string>): Pack[] {
  return packs.map((pack) => ({
    ...pack,
    ruleFiles: pack.ruleFiles.filter(({ file }) => !files.has(file)),
    relabelFiles: pack.relabelFiles.filter(({ file }) => !files.has(file)),
  }));
}

const MAX_LAST_MS = 24 * 3600_000;

function windowOf({ last, time }: TryForm, { evaluation: { interval } }: Config): TrialWindow {
  const length = parseDuration(last);
  if (length === undefined || length < interval || length > MAX_LAST_MS) {
    throw new CommandError(`--last must be a duration from one evaluation interval to 24h, such as 1h; got ${last}`);
  }
  const now = time === undefined ? Date.now() : Number(time) * 1000;
  if (!Number.isFinite(now)) throw new CommandError(`--time must be seconds since 1970, got ${time}`);
  const end = Math.floor(now / interval) * interval;
  return { start: end - length, end, interval };
}

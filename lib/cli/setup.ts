import type { Command } from 'commander';
import { loadPacks } from '../config/compile-runtime.ts';
import { loadConfig } from '../config/load-config.ts';
import { compilePlan } from '../plan/compile-plan.ts';
import { describePushDown } from '../plan/describe-push-down.ts';
import { federationMatchers } from '../plan/federation-matchers.ts';
import type { Plan } from '../plan/plan.ts';
import { pushDown } from '../plan/push-down.ts';
import { writeRelabelConfigs } from '../plan/write-relabel-configs.ts';
import { type FoundSource, findSource } from './find-source.ts';
import { describeFederationSetup } from './setup/describe-federation-setup.ts';
import { describeRemoteWriteSetup } from './setup/describe-remote-write-setup.ts';
import type { Terminal } from './terminal.ts';

interface SetupOptions {
  readonly config: string;
  readonly url: string;
  readonly credentialsFile: string;
  readonly bare?: boolean;
}

/** Stands for what `serverless deploy` prints; Prometheus refuses it, so nobody runs with it unseen. */
const PLACEHOLDER = 'https://<api-id>.execute-api.<region>.amazonaws.com';

/** Adds `tributary setup`: what the owner of a source pastes, allows or will be asked, from the compiled plan. */
export function addSetup(program: Command, { write, environment }: Terminal): void {
  program
    .command('setup <source>')
    .description('print what to paste into your Prometheus, what it must allow, or what it will be asked')
    .option('-c, --config <file>', 'the configuration', 'tributary.yml')
    .option('--url <url>', 'of the deployed API, as the deployment prints it', PLACEHOLDER)
    .option('--credentials-file <path>', 'where your Prometheus finds its token', '/etc/prometheus/tributary-token')
    .option('--bare', 'only write_relabel_configs, or the match[] one a line, or the questions one a line')
    .action((wanted: string, options: SetupOptions) => {
      const config = loadConfig(options.config, { environment });
      const found = findSource(config, wanted);
      const plan = compilePlan({ packs: loadPacks(config) });
      const describe = options.bare ? bare : whole;
      write(describe(found, plan, { ...options, delay: config.evaluation.delay }));
    });
}

type Described = SetupOptions & { /** Of evaluations, ms. */ readonly delay: number };

function whole({ tenant, source }: FoundSource, plan: Plan, { url, credentialsFile, delay }: Described): string {
  switch (source.type) {
    case 'remote_write':
      return describeRemoteWriteSetup({ tenant, source, plan, url: url.replace(/\/+$/, ''), credentialsFile, delay });
    case 'federation':
      return describeFederationSetup({ tenant, source, plan });
    case 'query':
      return describePushDown(plan, source.scope);
  }
}

function bare({ source }: FoundSource, plan: Plan): string {
  switch (source.type) {
    case 'remote_write':
      return writeRelabelConfigs(plan);
    case 'federation':
      return lines(federationMatchers(plan));
    case 'query':
      return lines(pushDown(plan, source.scope).queries.map(({ expr }) => expr));
  }
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}

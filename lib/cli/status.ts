import type { Command } from 'commander';
import { deploymentOf, LOCAL_URL, withDeployment } from './deployment.ts';
import { askStatus } from './status/ask-status.ts';
import { describeStatus } from './status/describe-status.ts';
import type { Terminal } from './terminal.ts';

interface StatusOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** Adds `tributary status`: is everything fresh, what was dropped and why, and what waits. */
export function addStatus(program: Command, terminal: Terminal): void {
  withDeployment(
    program
      .command('status')
      .description('a deployment at a glance: sources, rules, compaction, what was dropped and why, dead letters')
      .option('--json', 'the answers of /api/v1/status/* as JSON'),
    LOCAL_URL,
  ).action(async ({ json, url, token }: StatusOptions) => {
    const deployment = deploymentOf({ url, ...(token !== undefined && { token }) }, terminal.environment);
    const status = await askStatus(deployment);
    terminal.write(json ? `${JSON.stringify(status, asJson, 2)}\n` : describeStatus(status));
  });
}

/** What could not be asked says why. */
function asJson(_: string, value: unknown): unknown {
  return value instanceof Error ? { error: value.message } : value;
}

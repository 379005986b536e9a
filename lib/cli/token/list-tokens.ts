import { askDeployment, type Deployment } from '../deployment.ts';
import type { TokenState } from './token-states.ts';

/** When the tokens of one tenant were last used, by name. */
export interface DeployedUses {
  readonly tenant: string;
  readonly lastUsed: ReadonlyMap<string, string>;
}

/**
 * Of the tenant that the deployment's token belongs to; it needs the scope admin.
 * @throws CommandError
 */
export async function deployedUses(deployment: Deployment): Promise<DeployedUses> {
  const { tenant, tokens } = (await askDeployment(deployment, '/api/v1/status/tokens', {}, 'GET')) as {
    readonly tenant: string;
    readonly tokens: readonly { readonly name: string; readonly lastUsed?: string }[];
  };
  const lastUsed = tokens.map(
    ({ name, lastUsed: time }) => [name, time === undefined ? 'never' : hourOf(time)] as const,
  );
  return { tenant, lastUsed: new Map(lastUsed) };
}

/** 2026-11-22 10h */
function hourOf(time: string): string {
  return `${time.slice(0, 13).replace('T', ' ')}h`;
}

const HEADER = ['TENANT', 'TOKEN', 'SCOPES', 'SOURCES', 'EXPIRES', 'STATE', 'LAST USED'];

/** A table for people; `uses` is absent where no deployment was asked. */
export function tokenTable(tokens: readonly TokenState[], uses: DeployedUses | undefined): string {
  const rows = tokens.map(({ tenant, name, scopes, sources, expires, state }) => [
    tenant,
    name,
    scopes.join(','),
    sources.join(',') || 'all',
    expires ?? 'never',
    state,
    (uses?.tenant === tenant ? uses.lastUsed.get(name) : undefined) ?? '-',
  ]);
  const lines = [HEADER, ...rows];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

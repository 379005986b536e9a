import type { Config } from '../config/config.ts';
import type { Source, Tenant } from '../context/tenant.ts';
import { CommandError } from './command-error.ts';

export interface FoundSource {
  readonly tenant: Tenant;
  readonly source: Source;
}

/**
 * Finds a source by its name, or by `tenant/source` where several tenants have one of that name.
 * @throws CommandError with the sources that there are.
 */
export function findSource({ tenants, file }: Pick<Config, 'tenants' | 'file'>, wanted: string): FoundSource {
  const all = tenants.flatMap((tenant) => tenant.sources.map((source) => ({ tenant, source })));
  const found = all.filter((one) => wanted === one.source.name || wanted === pathOf(one));
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  if (first !== undefined) {
    throw new CommandError(`there are several sources ${wanted}: name one of ${found.map(pathOf).join(', ')}`);
  }
  const known = all.map((one) => `${pathOf(one)} (${one.source.type})`).join(', ') || 'none';
  throw new CommandError(`there is no source ${JSON.stringify(wanted)}; ${file} has ${known}`);
}

function pathOf({ tenant, source }: FoundSource): string {
  return `${tenant.name}/${source.name}`;
}

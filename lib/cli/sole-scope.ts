import type { Config } from '../config/config.ts';
import type { ScopeConfig } from '../context/tenant.ts';
import { CommandError } from './command-error.ts';
import { findSource } from './find-source.ts';

/**
 * The scope of a source, or the one that all sources have.
 *
 * @throws CommandError when it cannot be told whose scope is meant
 */
export function soleScope(config: Config, wanted: string | undefined): ScopeConfig {
  if (wanted !== undefined) return findSource(config, wanted).source.scope;
  const sources = config.tenants.flatMap((tenant) => tenant.sources);
  const [first] = sources;
  if (first === undefined) throw new CommandError(`${config.file} has no source, and with it no scope; add one`);
  if (sources.every(({ scope }) => JSON.stringify(scope) === JSON.stringify(first.scope))) return first.scope;
  const names = sources.map(({ name }) => name).join(', ');
  throw new CommandError(`sources have scopes of their own; say whose is meant: --source with one of ${names}`);
}

import type { Tenant, Token } from '../context/tenant.ts';
import type { Querier } from '../storage/interface.ts';
import type { ApiDependencies } from './dependencies.ts';
import type { JsonWriter } from './json/json-writer.ts';
import type { Params } from './params/params.ts';

/** A request whose sender is known. `querier` reaches that tenant's data and no other. */
export interface Call {
  readonly tenant: Tenant;
  /** What the sender showed; absent where a local server answers everybody. */
  readonly token?: Token;
  readonly querier: Querier;
  readonly params: Params;
  readonly signal: AbortSignal;
}

/** What goes into the success envelope: `data` is written straight into the response, without a tree in between. */
export interface Answer {
  readonly data: (out: JsonWriter) => void;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** One endpoint of `/api/v1`. Throws ApiError, or an error that `apiErrorOf` knows. */
export type Endpoint = (call: Call, dependencies: ApiDependencies) => Promise<Answer>;

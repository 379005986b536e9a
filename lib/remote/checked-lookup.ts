import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import type { Network } from '../context/remote-access.ts';
import { classifyAddress } from './classify-address.ts';
import { RemoteError } from './remote-error.ts';

/** Finds every address of a name. */
export type Resolve = (
  hostname: string,
  callback: (error: Error | null, addresses: readonly LookupAddress[]) => void,
) => void;

/**
 * A `lookup` for sockets that refuses names which lead where we must not go. The socket connects to the very addresses
 * that were checked, so a name that answers differently the next time (DNS rebinding) gains nothing. One forbidden
 * address among many refuses the name.
 */
export function checkedLookup(allowed: readonly Network[], resolve: Resolve = resolveBySystem): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, (error, addresses) => {
      const fault = error ?? faultOf(hostname, addresses, allowed);
      const [first] = addresses ?? [];
      if (fault !== undefined || first === undefined) callback(fault ?? new Error(`${hostname} has no address`), []);
      else if (options.all === true) callback(null, [...addresses]);
      else callback(null, first.address, first.family);
    });
  };
}

/**
 * Checks a host that is written as an address: sockets do not look such hosts up.
 * @param hostname as `URL` has it, IPv6 in brackets; names pass.
 * @throws RemoteError
 */
export function checkLiteralHost(hostname: string, allowed: readonly Network[]): void {
  const host = hostname.replace(/^\[|\]$/g, '');
  const fault = isIP(host) === 0 ? undefined : faultOf(hostname, [{ address: host, family: isIP(host) }], allowed);
  if (fault !== undefined) throw fault;
}

function faultOf(
  hostname: string,
  addresses: readonly LookupAddress[],
  allowed: readonly Network[],
): RemoteError | undefined {
  for (const { address } of addresses) {
    const kind = classifyAddress(address);
    if (kind === 'public' || (kind !== 'never' && allowed.includes(kind))) continue;
    const at = hostname.replace(/^\[|\]$/g, '') === address ? address : `${hostname} (${address})`;
    const text = `cannot connect to ${at}: ${kind === 'never' ? NEVER : `it is a ${kind} address; add ${kind} to allow_networks of the source if that is meant`}`;
    return new RemoteError('address_not_allowed', text);
  }
  return undefined;
}

const NEVER = 'link-local, metadata and reserved addresses are never connected to';

function resolveBySystem(hostname: string, callback: Parameters<Resolve>[1]): void {
  systemLookup(hostname, { all: true }, callback);
}

import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { Network } from '../context/remote-access.ts';

/** `never`: link-local, metadata services, multicast, and whatever else no Prometheus can live at. */
export type AddressClass = 'public' | Network | 'never';

/** The IANA special-purpose registries (RFC 6890 and its successors), and the metadata services of the large clouds. */
const NEVER = blockList([
  '0.0.0.0/8',
  '100.100.100.200/32', // metadata of Alibaba Cloud
  '168.63.129.16/32', // metadata of Azure
  '169.254.0.0/16', // link-local: metadata of AWS, Google and most others, credentials of containers
  '192.0.0.0/24', // with 192.0.0.192, metadata of Oracle Cloud
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  'fd00:ec2::/32', // metadata, DNS and credentials of AWS
  'fd20:ce::/32', // metadata of Google Cloud
  '2001::/23', // Teredo and other protocol assignments
  '2001:db8::/32',
  '2002::/16', // 6to4 carries any IPv4 address
  '3fff::/20',
]);

const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);

const PRIVATE = blockList([
  '10.0.0.0/8',
  '100.64.0.0/10', // behind carriers' NAT; also inside clusters
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  'fc00::/7',
]);

/** Everything that is routed on the Internet; the rest of IPv6 is reserved. */
const GLOBAL_IPV6 = blockList(['2000::/3']);

/**
 * Tells what kind of address this is. Addresses that carry an IPv4 one (mapped, NAT64) count as what they carry.
 * Text that is no address is `never`.
 */
export function classifyAddress(address: string): AddressClass {
  if (isIPv4(address)) return classOf(address, 'ipv4', true);
  const canonical = canonicalIPv6(address);
  if (canonical === undefined) return 'never';
  const embedded = embeddedIPv4(canonical);
  return embedded === undefined
    ? classOf(canonical, 'ipv6', GLOBAL_IPV6.check(canonical, 'ipv6'))
    : classOf(embedded, 'ipv4', true);
}

function classOf(address: string, family: 'ipv4' | 'ipv6', isGlobal: boolean): AddressClass {
  if (NEVER.check(address, family)) return 'never';
  if (LOOPBACK.check(address, family)) return 'loopback';
  if (PRIVATE.check(address, family)) return 'private';
  return isGlobal ? 'public' : 'never';
}

/** Lower case, compressed, without the zone; the URL parser writes addresses so. */
function canonicalIPv6(address: string): string | undefined {
  const [plain = ''] = address.split('%');
  return isIPv6(plain) ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : undefined;
}

/** ::ffff:0:0/96 (mapped) and 64:ff9b::/96 (NAT64, RFC 6052). */
function embeddedIPv4(canonical: string): string | undefined {
  const groups = /^(?:::ffff:|64:ff9b::)(?:([0-9a-f]{1,4}):)?([0-9a-f]{1,4})$/.exec(canonical);
  if (groups === null) return canonical === '64:ff9b::' ? '0.0.0.0' : undefined;
  const [high, low] = [groups[1] ?? '0', groups[2] ?? '0'].map((group) => Number.parseInt(group, 16)) as [
    number,
    number,
  ];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix = ''] = subnet.split('/');
    list.addSubnet(network, Number(prefix), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
}

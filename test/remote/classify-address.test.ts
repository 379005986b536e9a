import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyAddress } from '../../lib/remote/classify-address.ts';

describe('classifyAddress', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['172.15.255.255', 'public'],
    ['172.32.0.0', 'public'],
    ['169.253.255.255', 'public'],
    ['2606:4700::1111', 'public'],
    ['2a00:1450:4001:81b::200e', 'public'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['172.31.255.255', 'private'],
    ['192.168.1.1', 'private'],
    ['100.64.0.1', 'private'],
    ['fd12:3456:789a::1', 'private'],
    ['fc00::1', 'private'],
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['0:0:0:0:0:0:0:1', 'loopback'],
    ['169.254.169.254', 'never'],
    ['169.254.170.2', 'never'],
    ['169.254.0.1', 'never'],
    ['100.100.100.200', 'never'],
    ['168.63.129.16', 'never'],
    ['192.0.0.192', 'never'],
    ['0.0.0.0', 'never'],
    ['0.1.2.3', 'never'],
    ['224.0.0.1', 'never'],
    ['255.255.255.255', 'never'],
    ['240.0.0.1', 'never'],
    ['fd00:ec2::254', 'never'],
    ['fd00:ec2::23', 'never'],
    ['fd20:ce::254', 'never'],
    ['fe80::1', 'never'],
    ['fe80::1%eth0', 'never'],
    ['febf::1', 'never'],
    ['fec0::1', 'never'],
    ['ff02::1', 'never'],
    ['::', 'never'],
    ['2001:db8::1', 'never'],
    ['2001:0:4136:e378:8000:63bf:3fff:fdd2', 'never'],
    ['2002:a9fe:a9fe::1', 'never'],
    ['::169.254.169.254', 'never'],
    ['::7f00:1', 'never'],
    ['100::1', 'never'],
    ['64:ff9b:1::7f00:1', 'never'],
    ['::ffff:0:127.0.0.1', 'never'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::FFFF:7f00:1', 'loopback'],
    ['0:0:0:0:0:ffff:a9fe:a9fe', 'never'],
    ['::ffff:169.254.169.254', 'never'],
    ['::ffff:10.1.2.3', 'private'],
    ['::ffff:8.8.8.8', 'public'],
    ['::ffff:0.0.0.1', 'never'],
    ['64:ff9b::a9fe:a9fe', 'never'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['64:ff9b::10.0.0.1', 'private'],
    ['64:ff9b::8.8.8.8', 'public'],
    ['64:ff9b::', 'never'],
    ['example.com', 'never'],
    ['127.1', 'never'],
    ['', 'never'],
  ])('%s is %s', (address, expected) => {
    expect(classifyAddress(address)).toBe(expected);
  });

  it('sees the same in every spelling that carries an IPv4 address', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const expected = classifyAddress(address);
        const hex = address
          .split('.')
          .map((byte) => Number(byte).toString(16).padStart(2, '0'))
          .join('');
        const groups = `${hex.slice(0, 4)}:${hex.slice(4)}`;
        for (const spelling of [`::ffff:${address}`, `0:0:0:0:0:FFFF:${groups}`, `64:ff9b:0:0:0:0:${groups}`])
          expect([spelling, classifyAddress(spelling)]).toEqual([spelling, expected]);
      }),
    );
  });

  it('calls no IPv6 address outside of 2000::/3 public', () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        if (classifyAddress(address) !== 'public') return;
        const { hostname } = new URL(`http://[${address}]`);
        expect(hostname).toMatch(/^\[([23][0-9a-f]{3}:|::ffff:|64:ff9b::)/);
      }),
      { numRuns: 500 },
    );
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { contextualize } from './contextualize.ts';

const capture = new URL(
  '../../../shared/captures/http-prometheus-3.5/metrics_node_exporter_1_11.body',
  import.meta.url,
);
const captured = existsSync(capture) ? it : it.skip;
if (!existsSync(capture)) console.warn(`SKIPPED: ${capture.pathname} is not there`);

const resource = (record: string, type: string, value: number) => [
  `asserts:resource:${record} entity_type=Node resource_type=${type} source=node_exporter = ${value}`,
];

describe('the pack node', () => {
  it.each([
    ['node_cpu_seconds_total{cpu="0",mode="user"} 127.5', 'total', 'cpu:usage', 127.5],
    ['node_cpu_seconds_total{cpu="0",mode="idle"} 660.54', 'total', 'cpu:idle', 660.54],
    ['node_load1 1.06', 'gauge', 'cpu:load', 1.06],
    ['node_memory_MemAvailable_bytes 2.4e+10', 'gauge', 'memory:available', 2.4e10],
    ['node_memory_MemTotal_bytes 2.5e+10', 'gauge', 'memory:total', 2.5e10],
    ['node_vmstat_pgmajfault 12', 'total', 'memory:page_fault', 12],
    ['node_disk_read_bytes_total{device="vda"} 5', 'total', 'disk:read_bytes', 5],
    ['node_disk_io_time_seconds_total{device="nvme0n1"} 5', 'total', 'disk:io_time', 5],
    ['node_filesystem_avail_bytes{device="/dev/vda",fstype="ext4",mountpoint="/"} 7', 'gauge', 'disk:available', 7],
    [
      'node_filesystem_avail_bytes{device="/dev/sdb",fstype="fuseblk",mountpoint="/mnt"} 7',
      'gauge',
      'disk:available',
      7,
    ],
    ['node_network_transmit_bytes_total{device="eth0"} 9', 'total', 'network:tx_bytes', 9],
    ['node_filefd_allocated 744', 'usage', 'fd:usage', 744],
  ])('%s', (raw, record, type, value) => {
    expect(contextualize(raw)).toEqual(resource(record, type, value));
  });

  it.each([
    'node_disk_read_bytes_total{device="loop0"} 1',
    'node_disk_read_bytes_total{device="dm-0"} 1',
    'node_disk_read_bytes_total{device="zram0"} 1',
    'node_filesystem_avail_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1',
    'node_filesystem_size_bytes{device="x",fstype="fuse.gvfsd-fuse",mountpoint="/x"} 1',
    'node_network_receive_bytes_total{device="lo"} 1',
    'node_network_receive_bytes_total{device="veth12ab"} 1',
    'node_cpu_guest_seconds_total{cpu="0",mode="user"} 1',
    'node_scrape_collector_success{collector="cpu"} 1',
  ])('%s is not selected', (raw) => {
    expect(contextualize(raw)).toEqual(['not selected']);
  });

  captured('maps what a real node_exporter exposes (needs ../shared)', () => {
    const lines = readFileSync(capture, 'utf8')
      .split('\n')
      .filter((line) => /^node_/.test(line));
    const records = lines.flatMap((line) => contextualize(line)).filter((text) => text.startsWith('asserts:'));
    expect(lines.length).toBeGreaterThan(300);
    const types = new Set(records.map((text) => /resource_type=(\S+)/.exec(text)?.[1]));
    expect([...types].sort()).toEqual(
      expect.arrayContaining([
        'cpu:idle',
        'cpu:usage',
        'disk:available',
        'disk:read_bytes',
        'memory:available',
        'memory:total',
        'network:rx_bytes',
      ]),
    );
    // The door's whole point: a small part of what is exposed.
    expect(records.length).toBeLessThan(lines.length / 3);
  });
});

import type { Exposition } from './exposition.ts';
import type { Scrape } from './target.ts';
import { countEvents, drift } from './traffic.ts';

const CPUS = 2;
const MEMORY_BYTES = 8 * 1024 ** 3;

/** node_exporter on one Linux host. */
export function exposeNodeExporter(page: Exposition, { replica, time }: Scrape): void {
  const up = time - replica.startedAt;
  for (let cpu = 0; cpu < CPUS; cpu++) {
    for (const [mode, share] of CPU_SHARES)
      page.counter('node_cpu_seconds_total', { cpu: String(cpu), mode }, up * share);
  }
  exposeMemory(page, time);
  exposeDisks(page, replica.startedAt, time);
  const network = { device: 'eth0' };
  page.counter('node_network_receive_bytes_total', network, waves(1.2e6, replica.startedAt, time));
  page.counter('node_network_transmit_bytes_total', network, waves(2.1e6, replica.startedAt, time));
  page.counter('node_vmstat_pgmajfault', {}, countEvents({ rate: 0.3 }, replica.startedAt, time));
  page.gauge('node_load1', {}, drift('load1', time, 0.2, 1.9, 600));
  page.gauge('node_boot_time_seconds', {}, replica.startedAt);
  page.gauge('node_uname_info', { machine: 'aarch64', nodename: 'shop-1', release: '6.1.0', sysname: 'Linux' }, 1);
}

const CPU_SHARES = [
  ['idle', 0.62],
  ['user', 0.24],
  ['system', 0.1],
  ['iowait', 0.03],
  ['softirq', 0.008],
  ['steal', 0.002],
] as const;

function exposeMemory(page: Exposition, time: number): void {
  const available = Math.round(drift('memory', time, 0.25, 0.55, 2700) * MEMORY_BYTES);
  page.gauge('node_memory_MemTotal_bytes', {}, MEMORY_BYTES);
  page.gauge('node_memory_MemAvailable_bytes', {}, available);
  page.gauge('node_memory_MemFree_bytes', {}, Math.round(available * 0.4));
  page.gauge('node_memory_Buffers_bytes', {}, Math.round(available * 0.05));
  page.gauge('node_memory_Cached_bytes', {}, Math.round(available * 0.5));
  page.gauge('node_memory_Slab_bytes', {}, Math.round(available * 0.05));
}

function exposeDisks(page: Exposition, startedAt: number, time: number): void {
  const filesystem = { device: '/dev/nvme0n1p1', fstype: 'ext4', mountpoint: '/' };
  page.gauge('node_filesystem_size_bytes', filesystem, 100e9);
  page.gauge('node_filesystem_avail_bytes', filesystem, 100e9 * drift('disk', time, 0.35, 0.45, 86_400));
  page.gauge('node_filesystem_files', filesystem, 6.5e6);
  page.gauge('node_filesystem_files_free', filesystem, 6.1e6);
  const disk = { device: 'nvme0n1' };
  page.counter('node_disk_read_bytes_total', disk, waves(0.6e6, startedAt, time));
  page.counter('node_disk_written_bytes_total', disk, waves(2.4e6, startedAt, time));
  page.counter('node_disk_reads_completed_total', disk, waves(35, startedAt, time));
  page.counter('node_disk_read_time_seconds_total', disk, waves(35, startedAt, time) * 0.004);
  page.counter('node_disk_writes_completed_total', disk, waves(80, startedAt, time));
  page.counter('node_disk_write_time_seconds_total', disk, waves(80, startedAt, time) * 0.006);
}

function waves(rate: number, startedAt: number, time: number): number {
  return countEvents({ rate, wave: { periodSeconds: 1200, depth: 0.5, phase: rate } }, startedAt, time);
}

import { join } from 'node:path';
import { freePort } from '../e2e/child.ts';
import { type ExporterBench, tell } from './exporter-bench.ts';

/** A server with its exporter, as they can be had from Debian, and what a pack must make of them. */
export interface ExporterStack {
  readonly pack: string;
  readonly programs: readonly string[];
  /** Starts everything; resolves with the pages to scrape. */
  start(bench: ExporterBench): Promise<readonly string[]>;
  /** A raw metric that is there once the exporter has reached its server. */
  readonly ready: string;
  /** `record raw_metric type context`, of some series that have to come of it. */
  readonly expected: readonly string[];
  /** Metrics that the pack reads and this stack does not have: other versions, other modes. */
  readonly absent: readonly string[];
}

const LOOPBACK = '127.0.0.1';

const redis: ExporterStack = {
  pack: 'redis',
  programs: ['redis-server', 'prometheus-redis-exporter'],
  async start(bench) {
    const [port, replica, exporter] = await Promise.all([freePort(), freePort(), freePort()]);
    const common = ['--bind', LOOPBACK, '--save', '', '--dir', bench.folder, '--repl-diskless-sync-delay', '0'];
    bench.start('redis-server', [...common, '--port', `${port}`]);
    bench.start('redis-server', [...common, '--port', `${replica}`, '--replicaof', LOOPBACK, `${port}`]);
    // The second answer is that of a command that fails.
    await tell(port, 'SET a 1\r\nHGET a b\r\n', (answer) => answer.includes('-WRONGTYPE'));
    await tell(replica, 'INFO replication\r\n', (answer) => answer.includes('master_link_status:up'));
    const address = `${LOOPBACK}:${exporter}`;
    bench.start('prometheus-redis-exporter', [
      '-redis.addr',
      `redis://${LOOPBACK}:${port}`,
      '-web.listen-address',
      address,
    ]);
    return [`http://${address}/metrics`, `http://${address}/scrape?target=redis://${LOOPBACK}:${replica}`];
  },
  ready: 'redis_instance_info',
  expected: [
    'asserts:request:total redis_commands_total inbound hget',
    'asserts:error:total redis_commands_failed_calls_total inbound hget',
    'asserts:error:total redis_commands_rejected_calls_total inbound hget',
    'asserts:latency:total redis_commands_duration_seconds_total inbound set',
    'asserts:latency:count redis_commands_total inbound set',
    'asserts:request:total redis_connections_received_total connection',
    'asserts:resource:gauge redis_memory_max_bytes memory:limit',
    'asserts:resource:total redis_cpu_sys_seconds_total cpu:usage',
    'asserts:resource:gauge redis_master_link_up replication:link_up',
    'asserts:version:info redis_instance_info service',
  ],
  absent: [],
};

const memcached: ExporterStack = {
  pack: 'memcached',
  programs: ['memcached', 'memcached_exporter'],
  async start(bench) {
    const [port, exporter] = await Promise.all([freePort(), freePort()]);
    bench.start('memcached', ['-l', LOOPBACK, '-p', `${port}`, '-U', '0']);
    await tell(port, 'get a\r\n', (answer) => answer.includes('END'));
    const address = `${LOOPBACK}:${exporter}`;
    bench.start('memcached_exporter', [`--memcached.address=${LOOPBACK}:${port}`, `--web.listen-address=${address}`]);
    return [`http://${address}/metrics`];
  },
  ready: 'memcached_version',
  expected: [
    'asserts:request:total memcached_commands_total inbound get',
    'asserts:resource:usage memcached_current_bytes memory:usage',
    'asserts:version:info memcached_version service',
  ],
  absent: [],
};

const postgres: ExporterStack = {
  pack: 'postgres',
  programs: ['initdb', 'postgres', 'prometheus-postgres-exporter'],
  async start(bench) {
    const [port, exporter] = await Promise.all([freePort(), freePort()]);
    const data = join(bench.folder, 'data');
    const made = bench.start('initdb', ['-D', data, '-U', 'postgres', '-A', 'trust', '--no-sync']);
    if ((await made.ended) !== 0) throw new Error(`initdb fails: ${made.output}`);
    const settings = [`listen_addresses=${LOOPBACK}`, 'unix_socket_directories=', 'fsync=off'];
    bench.start('postgres', ['-D', data, '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])]);
    const address = `${LOOPBACK}:${exporter}`;
    const source = `postgresql://postgres@${LOOPBACK}:${port}/postgres?sslmode=disable`;
    bench.start('prometheus-postgres-exporter', [`--web.listen-address=${address}`], { DATA_SOURCE_NAME: source });
    return [`http://${address}/metrics`];
  },
  ready: 'pg_static',
  expected: [
    'asserts:request:total pg_stat_database_xact_commit inbound postgres',
    'asserts:request:total pg_stat_database_xact_rollback inbound postgres',
    'asserts:error:total pg_stat_database_xact_rollback inbound postgres',
    'asserts:resource:usage pg_stat_database_numbackends client_connections',
    'asserts:resource:gauge pg_settings_max_connections client_connections:limit',
    'asserts:resource:usage pg_database_size_bytes database:size',
    'asserts:resource:gauge pg_up server:up',
    'asserts:version:info pg_static service',
  ],
  // Of exporters after 0.11; statements want an extension, lag a replica.
  absent: [
    'pg_postmaster_start_time_seconds',
    'pg_replication_lag',
    'pg_replication_lag_seconds',
    'pg_stat_statements_calls_total',
    'pg_stat_statements_seconds_total',
  ],
};

const mysql: ExporterStack = {
  pack: 'mysql',
  programs: ['mariadbd', 'prometheus-mysqld-exporter'],
  async start(bench) {
    const [port, exporter] = await Promise.all([freePort(), freePort()]);
    const data = bench.makeFolder('data');
    const files = [`--datadir=${data}`, `--socket=${join(data, 'socket')}`, `--pid-file=${join(data, 'pid')}`];
    // Without tables of rights nothing has to be installed first.
    const rights = ['--skip-grant-tables', '--skip-log-bin', '--performance-schema=ON'];
    const shop = `--init-file=${bench.write('init.sql', 'CREATE DATABASE shop;\n')}`;
    bench.start('mariadbd', [
      '--no-defaults',
      ...files,
      `--port=${port}`,
      `--bind-address=${LOOPBACK}`,
      shop,
      ...rights,
    ]);
    await tell(port, '', (answer) => answer.includes('MariaDB'));
    const address = `${LOOPBACK}:${exporter}`;
    bench.start(
      'prometheus-mysqld-exporter',
      [`--web.listen-address=${address}`, '--collect.perf_schema.eventsstatements'],
      // What the exporter itself asks is told by digest under the database that it uses.
      { DATA_SOURCE_NAME: `root@(${LOOPBACK}:${port})/shop` },
    );
    return [`http://${address}/metrics`];
  },
  ready: 'mysql_perf_schema_events_statements_total',
  expected: [
    'asserts:request:total mysql_global_status_questions inbound',
    'asserts:request:total mysql_global_status_commands_total statements select',
    'asserts:error:total mysql_global_status_connection_errors_total connection',
    'asserts:latency:total mysql_perf_schema_events_statements_seconds_total query shop',
    'asserts:resource:usage mysql_global_status_threads_connected client_connections',
    'asserts:resource:gauge mysql_global_variables_open_files_limit fd:limit',
    'asserts:resource:total mysql_global_status_handlers_total database:commits',
    'asserts:version:info mysql_version_info service',
  ],
  // Nothing replicates here.
  absent: [
    'mysql_slave_status_replica_io_running',
    'mysql_slave_status_replica_sql_running',
    'mysql_slave_status_seconds_behind_master',
    'mysql_slave_status_seconds_behind_source',
    'mysql_slave_status_slave_io_running',
    'mysql_slave_status_slave_sql_running',
  ],
};

const rabbitmq: ExporterStack = {
  pack: 'rabbitmq',
  programs: ['rabbitmq-server', 'epmd'],
  async start(bench) {
    const [port, cluster, names, page] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
    const config = [`listeners.tcp.default = ${LOOPBACK}:${port}`, `prometheus.tcp.ip = ${LOOPBACK}`];
    bench.write('rabbitmq.conf', [...config, `prometheus.tcp.port = ${page}`, ''].join('\n'));
    // Started here, so that it ends here: RabbitMQ would leave one behind.
    bench.start('epmd', ['-address', LOOPBACK, '-port', `${names}`]);
    bench.start('/usr/lib/rabbitmq/bin/rabbitmq-server', [], {
      ERL_EPMD_ADDRESS: LOOPBACK,
      ERL_EPMD_PORT: `${names}`,
      RABBITMQ_NODENAME: `tributary${port}@localhost`,
      RABBITMQ_DIST_PORT: `${cluster}`,
      RABBITMQ_CONFIG_FILE: join(bench.folder, 'rabbitmq'),
      RABBITMQ_ENABLED_PLUGINS_FILE: bench.write('plugins', '[rabbitmq_prometheus].\n'),
      RABBITMQ_MNESIA_BASE: bench.makeFolder('mnesia'),
      RABBITMQ_LOG_BASE: bench.makeFolder('log'),
      // Erlang takes the place of the shell that starts it.
      RUNNING_UNDER_SYSTEMD: 'true',
    });
    const address = `http://${LOOPBACK}:${page}`;
    return [`${address}/metrics`];
  },
  ready: 'rabbitmq_global_messages_received_total',
  expected: [
    'asserts:request:total rabbitmq_global_messages_received_total inbound amqp091',
    'asserts:error:total rabbitmq_global_messages_unroutable_dropped_total inbound amqp091',
    'asserts:request:total rabbitmq_global_messages_delivered_total outbound amqp091',
    'asserts:request:total rabbitmq_channel_messages_published_total inbound',
    'asserts:resource:usage rabbitmq_process_resident_memory_bytes memory:usage',
    'asserts:resource:gauge rabbitmq_resident_memory_limit_bytes memory:limit',
    'asserts:resource:gauge rabbitmq_queue_messages broker:messages',
    'asserts:resource:gauge rabbitmq_alarms_memory_used_watermark alarm:memory',
    'asserts:version:info rabbitmq_build_info runtime',
  ],
  // Of another page.
  absent: ['rabbitmq_detailed_queue_consumers', 'rabbitmq_detailed_queue_messages'],
};

const node: ExporterStack = {
  pack: 'node',
  programs: ['prometheus-node-exporter'],
  async start(bench) {
    const address = `${LOOPBACK}:${await freePort()}`;
    bench.start('prometheus-node-exporter', [`--web.listen-address=${address}`]);
    return [`http://${address}/metrics`];
  },
  ready: 'node_cpu_seconds_total',
  expected: [
    'asserts:resource:total node_cpu_seconds_total cpu:idle',
    'asserts:resource:total node_cpu_seconds_total cpu:usage',
    'asserts:resource:gauge node_memory_MemAvailable_bytes memory:available',
    'asserts:resource:usage node_filefd_allocated fd:usage',
  ],
  // A machine may do without disks of its own and without connection tracking.
  absent: [
    'node_disk_io_time_seconds_total',
    'node_disk_read_bytes_total',
    'node_disk_read_time_seconds_total',
    'node_disk_reads_completed_total',
    'node_disk_write_time_seconds_total',
    'node_disk_writes_completed_total',
    'node_disk_written_bytes_total',
    'node_filesystem_avail_bytes',
    'node_filesystem_files',
    'node_filesystem_files_free',
    'node_filesystem_size_bytes',
    'node_nf_conntrack_entries',
    'node_nf_conntrack_entries_limit',
  ],
};

export const EXPORTER_STACKS: readonly ExporterStack[] = [redis, memcached, postgres, mysql, rabbitmq, node];

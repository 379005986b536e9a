import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../../lib/cli/program.ts';

/** Rules that need every form of relabel config: plain names, exclusions, and values of labels. */
const RULES = `groups:
  - name: shop
    rules:
      - {record: "shop:orders", expr: 'orders_total{result=~"paid|sent"}'}
      - {record: "shop:failed", expr: 'orders_total{result="failed", job!="test"}'}
      - {record: "shop:cpu", expr: 'cpu_seconds_total{mode!="idle"}'}
      - {record: "shop:orders:rate5m", expr: 'sum by (asserts_env) (rate(shop:orders[5m]))'}
      - {record: "shop:orders:share", expr: 'shop:orders:rate5m / 2'}
`;

const PACK = new URL('../../rules/packs/node', import.meta.url).pathname;

/** Writes a folder with a tributary.yml, rules of its own and the pack `node`; the path of the configuration. */
export function writeConfiguration(tenants: string, packs = '[]'): string {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-cli-'));
  mkdirSync(join(folder, 'own'));
  cpSync(PACK, join(folder, 'rules/packs/node'), { recursive: true });
  writeFileSync(join(folder, 'own', 'rules.yml'), RULES);
  const file = join(folder, 'tributary.yml');
  writeFileSync(file, `packs: ${packs}\nrules: [own]\nevaluation: {delay: 2m}\ntenants:\n${tenants}`);
  return file;
}

/** Runs a command as somebody at a terminal would. */
export async function runCommand(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  let [out, err] = ['', ''];
  const program = createProgram({ write: (text) => (out += text), complain: (text) => (err += text), environment });
  return { code: await program(args), out, err };
}

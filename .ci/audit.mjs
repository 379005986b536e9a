#!/usr/bin/env node
// Known holes of high or critical severity stop a change. A registry that cannot be asked does not; anything else that
// keeps npm from asking (a lock file that is broken, for one) does, for then nobody looks for holes any more.
import { spawnSync } from 'node:child_process';

const { stdout, stderr, error } = spawnSync('npm', ['audit', '--json', ...process.argv.slice(2)], {
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024,
});
const report = parse(stdout);
const found = report?.metadata?.vulnerabilities;
if (found !== undefined) {
  const { high = 0, critical = 0, total = 0 } = found;
  const grave = Object.values(report.vulnerabilities ?? {}).filter(({ severity }) => /high|critical/.test(severity));
  for (const { name, severity, via } of grave) tell(`${severity}: ${name}: ${via.map(titleOf).join('; ')}`);
  tell(`npm audit: ${high + critical} holes of high severity are known, ${total} in all`);
  process.exitCode = high + critical > 0 ? 1 : 0;
} else if (/audit endpoint returned an error/.test(stderr)) {
  tell(`WARNING: npm audit could not ask the registry; known holes were NOT looked for:\n${report?.message ?? stderr}`);
} else {
  tell(`npm audit failed: ${error?.message ?? ''}\n${stderr}${stdout}`);
  process.exitCode = 1;
}

function tell(text) {
  process.stderr.write(`${text}\n`);
}

/** What a package has itself, or the package that it has it from. */
function titleOf(via) {
  return typeof via === 'string' ? via : `${via.title} (${via.url})`;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

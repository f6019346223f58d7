// Copies the examples to build/compat, installs their packages and builds the Next.js applications. Each step is done
// again only when what it reads has changed.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const examples = path.join(repository, 'examples');
const built = path.join(repository, 'build', 'compat');

function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap((entry) => {
    if (['node_modules', '.next'].includes(entry.name) || entry.name.startsWith('.env')) return [];
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(file) : [file];
  });
}

function digest(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(file).update('\0').update(fs.readFileSync(file)).update('\0');
  return hash.digest('hex');
}

/** Runs `work` when `value` differs from what the stamp file holds. */
function whenChanged(stamp, value, work) {
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === value) return;
  work();
  fs.writeFileSync(stamp, value);
}

function run(folder, command, ...args) {
  console.log(`${path.relative(repository, folder)}: ${path.basename(command)} ${args.join(' ')}`);
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1', NODE_ENV: 'production' };
  execFileSync(command, args, { cwd: folder, stdio: 'inherit', env });
}

for (const name of fs.readdirSync(examples)) {
  const source = path.join(examples, name);
  if (!fs.existsSync(path.join(source, 'package.json'))) continue;
  const files = filesBelow(source);
  const target = path.join(built, name);
  const lock = path.join(source, 'package-lock.json');
  fs.mkdirSync(target, { recursive: true });

  whenChanged(path.join(target, '.packages-stamp'), digest([lock]), () => {
    for (const file of ['package.json', 'package-lock.json']) fs.copyFileSync(path.join(source, file), path.join(target, file));
    run(target, 'npm', 'ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error');
  });

  whenChanged(path.join(target, '.source-stamp'), digest(files), () => {
    for (const entry of fs.readdirSync(target)) {
      if (!entry.startsWith('.') && entry !== 'node_modules') fs.rmSync(path.join(target, entry), { recursive: true });
    }
    for (const file of files) {
      const copy = path.join(target, path.relative(source, file));
      fs.mkdirSync(path.dirname(copy), { recursive: true });
      fs.copyFileSync(file, copy);
    }
    if (name.startsWith('nextjs')) run(target, process.execPath, 'node_modules/next/dist/bin/next', 'build');
  });
}

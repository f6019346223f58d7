// Runs the server under callgrind and tells what it executed between two moments, over all its threads.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/** Their work is bound by the mathematics, or (the loader) happens once: none of it is ours to make faster. */
const notOurs = /\/(libcrypto\.so|libargon2\.so|ld-linux)/;
const libc = /\/libc\.so/;
/** What the clock starts and no request: looking for due jobs. */
const byTheClock = /^gatehouse::jobs::DatabaseJobQueue::run_(one|periodic)\(/;

/** Writes a script into `folder` that takes the server's arguments and runs `binary` under callgrind; returns its path. */
export function underCallgrind(binary, folder) {
  const script = path.join(folder, 'gatehouse-under-callgrind');
  // Instrumented only once an InstructionCounter asks for it, so that the start is quick; a fair turn for every thread.
  fs.writeFileSync(script, `#!/bin/sh
exec valgrind -q --tool=callgrind --instr-atstart=no --fair-sched=yes --callgrind-out-file='${folder}/callgrind.out' '${binary}' "$@"
`, { mode: 0o755 });
  return script;
}

/** The counters of a server that runs under callgrind with its files in `folder`. */
export class InstructionCounter {
  constructor(pid, folder) {
    this.pid = pid;
    this.folder = folder;
    this.dumps = 0;
    this.tell('instrumentation', 'on');
  }

  /** Sets all counters to 0. */
  zero() {
    this.tell('zero');
  }

  /** What was executed since zero() or the last take(): the functions as countedCosts() gives them, and the profile's file. */
  take() {
    this.tell('dump');
    this.dumps += 1;
    const file = path.join(this.folder, `callgrind.out.${this.dumps}`);
    return { file, functions: countedCosts(fs.readFileSync(file, 'utf8')) };
  }

  tell(...command) {
    execFileSync('vgdb', [`--pid=${this.pid}`, ...command], { stdio: ['ignore', 'pipe', 'pipe'], timeout: 30_000 });
  }
}

/**
 * [{name, object, instructions}]: the own cost of every function in a profile (https://valgrind.org/docs/manual/cl-format.html), less what
 * is not counted: libcrypto, libargon2 and the loader, the part of libc that these called, and work the clock starts.
 */
export function countedCosts(profile) {
  const names = { ob: new Map(), fn: new Map() };
  // A name is given once, as "(number) name"; later the number stands for it.
  const full = (kind, text) => {
    const [, number, name] = /^(\(\d+\))(?: (.*))?$/.exec(text);
    if (name !== undefined) names[kind].set(number, name);
    return names[kind].get(number);
  };
  const costs = new Map();
  const costOf = (object, name) => {
    const key = `${object}\0${name}`;
    if (!costs.has(key)) costs.set(key, { name, object, instructions: 0 });
    return costs.get(key);
  };
  let object = '';  // of the function whose lines these are
  let own = null;
  let calledObject = null;
  let called = null;  // what the next line of cost was spent in, when it is not the function itself
  for (const line of profile.split('\n')) {
    if (/^[\d+*-]/.test(line)) {
      const cost = Number(line.slice(line.indexOf(' ') + 1));
      if (!called) own.instructions += cost;
      else if (byTheClock.test(called.name) || (notOurs.test(object) && libc.test(called.object))) called.instructions -= cost;
      called = null;
      continue;
    }
    const [key] = line.split('=', 1);
    const value = line.slice(key.length + 1);
    if (key === 'ob') {
      object = full('ob', value);
    } else if (key === 'fn') {
      own = costOf(object, full('fn', value));
    } else if (key === 'cob') {
      calledObject = full('ob', value);
    } else if (key === 'cfn') {
      called = costOf(calledObject ?? object, full('fn', value));
      calledObject = null;
    }
  }
  return [...costs.values()].filter((cost) => !notOurs.test(cost.object));
}

export function sum(functions) {
  return functions.reduce((total, { instructions }) => total + instructions, 0);
}

/** {part: instructions}: what is in `binary` by folder of server/ or namespace, the rest by library. */
export function byPart(functions, binary, folders) {
  const parts = {};
  for (const { name, object, instructions } of functions) {
    const part = object === binary ? partOf(name, folders) : path.basename(object).replace(/[.-](so|\d).*/, '');
    parts[part] = (parts[part] ?? 0) + instructions;
  }
  return parts;
}

/** A function that is made from templates belongs to the first of our folders its name speaks of. */
function partOf(name, folders) {
  const ours = /\bgatehouse::(\w+)/.exec(name);
  if (ours) return `server/${folders.includes(ours[1]) ? ours[1] : 'base'}`;
  return /\bboost::\w+/.exec(name)?.[0] ?? 'std';
}

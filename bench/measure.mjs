// How every row measures: a load of a fixed shape from a process of its own, the servers' CPU over exactly its window, and all that a
// ratio compares in turn, several times, so that what else the machine does meets all alike.

import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { repository } from '../tests/support/server.mjs';
import { median } from './server_cpu.mjs';

const programs = process.env.GATEHOUSE_BENCH_PROGRAMS ?? path.join(repository, 'build/release/bench');
const LOAD_TIMEOUT_MS = 150_000;

/**
 * Runs the load generator on a target ({port, host, tls, pids}); scenario as in bench/load/scenario.h, steps made by step(). The answer:
 * {seconds, requests: {count, p50_us, p99_us, max_us}, flows: {same}, steps: [{same}], statuses, own_cpu_us, rows,
 * cpu_us: of the target, per_second: requests, cpu_per_request_us, flows_per_second, cpu_per_flow_us}.
 */
export async function load(target, scenario) {
  const child = spawn(path.join(programs, 'bench_load'), { stdio: ['pipe', 'pipe', 'inherit'], timeout: LOAD_TIMEOUT_MS });
  child.stdin.end(loadText(target, scenario));
  return parseLoad(await outputOf(child));
}

/** Like load(), but keeps the connections open; stop() ends them. */
export async function heldLoad(target, scenario) {
  const child = spawn(path.join(programs, 'bench_load'), { stdio: ['pipe', 'pipe', 'inherit'], timeout: LOAD_TIMEOUT_MS });
  child.stdin.end(loadText(target, { ...scenario, hold: true }));
  const result = parseLoad(await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part) => { if ((text += part).endsWith('\n')) resolve(text); });
    child.once('exit', () => reject(new Error('the load generator ended early')));
  }));
  const gone = new Promise((resolve) => child.once('exit', resolve));
  return { ...result, stop: async () => { child.kill(); await gone; } };
}

function loadText({ port, host, tls, pids }, scenario) {
  return JSON.stringify({ port, host, tls, watch: pids, ...scenario });
}

function parseLoad(text) {
  const result = JSON.parse(text);
  // Refusals (429, 503) too: what is measured here is below what the server can do, unless others use the machine.
  if (result.failed) throw new Error(`${result.failed} requests failed, the first: ${result.first_failure.slice(0, 300)}`);
  const cpu = result.watched_cpu_us.reduce((sum, us) => sum + us, 0);
  return {
    ...result,
    cpu_us: cpu,
    per_second: result.requests.count / result.seconds,
    cpu_per_request_us: cpu / result.requests.count,
    flows_per_second: result.flows.count / result.seconds,
    cpu_per_flow_us: cpu / result.flows.count,
  };
}

async function outputOf(child) {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part) => { text += part; });
  const [code, signal] = await new Promise((resolve) => child.once('close', (...how) => resolve(how)));
  if (code !== 0) throw new Error(`${child.spawnfile} ended with ${code ?? signal}`);
  return text;
}

/** A step of a flow: a request, and what is expected and taken from its answer. {{name}} in it is a variable of the flow. */
export function step(method, target, { headers = {}, form, json, status = 200, captures = [] } = {}) {
  const type = form ? 'application/x-www-form-urlencoded' : json ? 'application/json' : undefined;
  const fields = { ...(type && { 'Content-Type': type }), ...headers };
  const head = [`${method} ${target} HTTP/1.1`, ...Object.entries(fields).map(([name, value]) => `${name}: ${value}`)].join('\r\n');
  const body = form ? Object.entries(form).map(([name, value]) => `${name}=${encodeHoles(value)}`).join('&') : json ? JSON.stringify(json) : '';
  return { head, body, status, captures: captures.map(([name, after, until]) => ({ name, after, until })) };
}

// Form-encodes what stands around the holes of a value.
function encodeHoles(value) {
  return String(value).split(/(\{\{[^}]*\}\})/).map((part) => (part.startsWith('{{') ? part : encodeURIComponent(part))).join('');
}

/** The libraries' own figures, measured now: {NAME: figure}; names as in bench/primitives/primitives.cpp. Files go where servers' data is. */
export async function primitives(...names) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'gatehouse-bench-'));
  try {
    const options = { timeout: LOAD_TIMEOUT_MS, cwd: folder };
    return JSON.parse((await promisify(execFile)(path.join(programs, 'bench_primitives'), names, options)).stdout);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs the measurements ({name: async () => figures}) in turn, `rounds` times, after one more that warms up and does not count.
 * Returns {name: {figure: median over the rounds}} and, beside it, rounds: {name: [figures of each round]}.
 */
export async function interleave(rounds, measurements) {
  const samples = Object.fromEntries(Object.keys(measurements).map((name) => [name, []]));
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, measure] of Object.entries(measurements)) {
      const figures = await measure();
      if (round >= 0) samples[name].push(numbersOf(figures));
    }
  }
  const medians = Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, medianOfEach(list)]));
  return { ...medians, rounds: samples };
}

/** What the table shows of a load's medians beside a figure; `prefix` stands before the names of another's. */
export function rawOf(seen, prefix = '') {
  const raw = { per_s: seen.per_second, p50_us: seen['requests.p50_us'], p99_us: seen['requests.p99_us'], cpu_us: seen.cpu_per_request_us };
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [prefix + name, value]));
}

// The numbers of a result, those of nested objects as outer.inner.
function numbersOf(figures, prefix = '') {
  return Object.fromEntries(Object.entries(figures).flatMap(([name, value]) =>
    typeof value === 'number' ? [[prefix + name, value]]
      : value && typeof value === 'object' && !Array.isArray(value) ? Object.entries(numbersOf(value, `${prefix}${name}.`)) : []));
}

function medianOfEach(list) {
  return Object.fromEntries(Object.keys(list[0]).map((name) => [name, median(list.map((figures) => figures[name] ?? 0))]));
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

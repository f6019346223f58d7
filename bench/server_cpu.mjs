import fs from 'node:fs';

/** CPU the process has used so far, microseconds: the sum over its threads, and of those that ended since (from stat's ticks). */
export function cpuMicroseconds(pid) {
  let sum = 0;
  for (const task of fs.readdirSync(`/proc/${pid}/task`)) {
    try {
      sum += Number(fs.readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / 1000;
    } catch {
      // the thread ended between the listing and the reading
    }
  }
  return sum;
}

/** Resident memory of a process, MiB. */
export function residentMiB(pid) {
  const line = fs.readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmRSS:\s+(\d+) kB/m);
  return Number(line[1]) / 1024;
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Runs `count` calls, `width` at a time; returns the server's CPU per call, microseconds. */
export async function cpuPerCall(server, count, width, call) {
  const before = cpuMicroseconds(server.pid);
  let next = 0;
  await Promise.all(Array.from({ length: width }, async () => {
    while (next < count) await call(next++);
  }));
  return (cpuMicroseconds(server.pid) - before) / count;
}

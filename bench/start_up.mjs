import { performance } from 'node:perf_hooks';
import { median, residentMiB } from './server_cpu.mjs';

/** Time from exec to `ready` on existing data, and resident memory of the server that nobody has asked anything. */
export async function startUp(server) {
  const times = [];
  let memory = 0;
  for (let round = 0; round < 7; round += 1) {
    await server.stop({ keepData: true });
    const begun = performance.now();
    await server.start();
    times.push(performance.now() - begun);
    await new Promise((resolve) => setTimeout(resolve, 300));
    memory = Math.max(memory, residentMiB(server.pid));
  }
  return [
    { row: 'exec to ready, existing data', figure: `${median(times).toFixed(0)} ms`, raw: times.map((t) => t.toFixed(0)).join(' ') },
    { row: 'resident memory, idle', figure: `${memory.toFixed(1)} MiB`, raw: '' },
  ];
}

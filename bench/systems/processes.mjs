// Processes that bench starts: each is ended by whoever started it, and all of them when bench ends.

const START_TIMEOUT_MS = 20_000;
const STOP_TIMEOUT_MS = 10_000;

const running = new Set();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** Waits until the child has printed what matches; gives that line and {pid, stop()}. */
export async function ready(child, pattern) {
  running.add(child);
  const gone = new Promise((resolve) => child.once('exit', (code, signal) => { running.delete(child); resolve(code ?? signal); }));
  const stop = async () => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await gone;
    clearTimeout(timer);
  };
  let timer;
  const line = await new Promise((resolve, reject) => {
    let text = '';
    timer = setTimeout(() => reject(new Error(`${child.spawnfile} is not ready after ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS);
    child.once('error', reject);
    gone.then((how) => reject(new Error(`${child.spawnfile} ended with ${how}`)));
    child.stdout.setEncoding('utf8').on('data', (part) => {
      text += part;
      const found = text.match(pattern);
      if (found) resolve(found[0]);
    });
  });
  clearTimeout(timer);
  return { line, process: { pid: child.pid, stop } };
}

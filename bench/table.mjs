// A figure of a row: {row, what, figure, unit, limit, raw}. limit is {at_most}, {at_least}, {exactly} or absent; raw is an object of numbers and texts;
// what pictures are drawn from stands in `at` and `parts`.

/** How a limit reads, and whether the figure keeps it. */
export function verdict({ figure, limit }) {
  if (!limit) return { text: '', kept: undefined };
  if (limit.exactly !== undefined) return { text: `= ${limit.exactly}`, kept: figure === limit.exactly };
  return limit.at_most !== undefined ? { text: `≤ ${short(limit.at_most)}`, kept: figure <= limit.at_most }
    : { text: `≥ ${short(limit.at_least)}`, kept: figure >= limit.at_least };
}

/** Three significant digits, whole numbers in groups of three. */
export function short(value) {
  if (typeof value !== 'number') return String(value);
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
}

export function printFigures(figures) {
  const lines = figures.map((f) => {
    const { text, kept } = verdict(f);
    return [f.what, `${short(f.figure)} ${f.unit ?? ''}`, text, kept === undefined ? '' : kept ? 'kept' : 'MISSED', rawText(f.raw)];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => [...line[column]].length)));
  for (const line of lines) {
    console.log(line.map((cell, column) => (column === 4 ? cell : cell + ' '.repeat(widths[column] - [...cell].length))).join('  ').trimEnd());
  }
}

function rawText(raw = {}) {
  return Object.entries(raw).map(([name, value]) => `${name.replaceAll('_', ' ')} ${short(value)}`).join(', ');
}

// The curves of a run as SVG pictures. bench/run --pictures FOLDER draws what its rows gave; `node bench/pictures.mjs FILE.json FOLDER`
// draws a run that is over.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { colours, lineCharts, partBars } from './charts.mjs';
import { short } from './table.mjs';

const uniqueOf = (figures, key) => [...new Set(figures.map((figure) => figure.at[key]))];

export function drawPictures(figures, folder) {
  fs.mkdirSync(folder, { recursive: true });
  const of = (row) => figures.filter((figure) => figure.row === row && figure.at);
  const pictures = {
    'machine_tokens.svg': machineTokens(of('machine_tokens')), 'cpu.svg': cpuParts(figures.filter((figure) => figure.parts)),
    'growth.svg': growth(of('growth')), 'overload.svg': overload(of('overload')),
  };
  const drawn = Object.entries(pictures).filter(([, svg]) => svg);
  for (const [name, svg] of drawn) fs.writeFileSync(path.join(folder, name), svg);
  return drawn.map(([name]) => path.join(folder, name));
}

/** Throughput and p99 over the number of connections, ours and the peer's. */
function machineTokens(figures) {
  if (figures.length === 0) return null;
  const tls = figures.filter(({ at }) => at.transport === 'TLS');
  const widths = uniqueOf(tls, 'connections');
  const series = (pick) => ['RS256', 'ES256'].flatMap((alg, i) => ['ours', 'peer'].map((side) => ({
    name: `${side === 'ours' ? 'Gatehouse' : 'oidc-provider'} ${alg}`, colour: colours[i], dashed: side === 'peer',
    values: widths.map((width) => pick(tls.find(({ at }) => at.alg === alg && at.connections === width).at[side])),
  })));
  return lineCharts('Machine tokens over kept TLS connections, two cores shared with the load', [
    { title: 'tokens per second', xLabels: widths, xTitle: 'connections', series: series((side) => side.per_s), format: short },
    { title: 'p99 of the answer time, milliseconds', xLabels: widths, xTitle: 'connections', series: series((side) => side.p99_us / 1000), format: short, log: true },
  ]);
}

/** What the CPU of a request goes to: the mathematics nobody can avoid, and the rest. */
function cpuParts(figures) {
  if (figures.length === 0) return null;
  const rows = figures.map(({ parts: { name, total_us, unavoidable_us } }) => {
    const share = Math.min(1, unavoidable_us / total_us);
    return { name, total: total_us >= 1000 ? `${short(total_us / 1000)} ms` : `${short(total_us)} µs`, parts: [share, 1 - share] };
  });
  const legend = [{ name: 'signatures, verifications, the password hash', colour: colours[0] }, { name: 'everything else: HTTP, TLS, database, log', colour: colours[1] }];
  return partBars('Server CPU of a request', legend, rows);
}

/** What is done and how long it takes, over what is asked, in multiples of what one core can do. */
function overload(figures) {
  if (figures.length === 0) return null;
  const panels = uniqueOf(figures, 'kind').flatMap((kind, i) => {
    const points = figures.filter(({ at }) => at.kind === kind).map(({ at }) => at);
    const xLabels = points.map(({ load }) => String(load));
    const line = (name, pick, more) => ({ name, colour: colours[i], values: points.map(pick), ...more });
    return [
      { title: `${kind}s per second`, xLabels, xTitle: 'asked ÷ capacity', format: short, series: [line('done', (at) => at.goodput_per_s)] },
      {
        title: `p99 of ${kind}s, milliseconds`, xLabels, xTitle: 'asked ÷ capacity', format: short, log: true,
        series: [line('done', (at) => at.served_p99_ms), line('refused', (at) => (at.refused > 0 ? at.refused_p99_ms : undefined), { dashed: true })],
      },
    ];
  });
  return lineCharts('One core is asked for more than it can do', panels);
}

/** CPU of a request over the number of users, as a ratio to the fewest. */
function growth(figures) {
  if (figures.length === 0) return null;
  const users = [figures[0].at.fewest, ...uniqueOf(figures, 'users')];
  const requests = uniqueOf(figures, 'request');
  const label = (count) => (count >= 1e6 ? `${count / 1e6} M` : `${count / 1e3} k`);
  const panel = (database) => ({
    title: database === 'sqlite' ? 'SQLite' : 'PostgreSQL, its backends counted', xLabels: users.map(label), xTitle: 'users', range: [0, 1.6], format: short,
    mark: { value: 1.2, name: 'limit 1.2' },
    series: requests.map((request, i) => ({
      name: request, colour: colours[i % colours.length],
      values: users.map((count, at) => (at === 0 ? 1 : figures.find((f) => f.at.database === database && f.at.request === request && f.at.users === count)?.figure)),
    })),
  });
  return lineCharts('CPU of a request, as a ratio to the fewest users', uniqueOf(figures, 'database').map(panel), { panelWidth: 580, height: 440, labelWidth: 200 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, folder] = process.argv.slice(2);
  for (const name of drawPictures(JSON.parse(fs.readFileSync(file, 'utf8')).figures, folder)) console.log(name);
}

// The differences of two runs of bench/run --json. Figures that moved less than --least (5 %) are left out.
import fs from 'node:fs';
import { short, verdict } from './table.mjs';

const [before, after, , percent = '5'] = process.argv.slice(2);
if (!before || !after) {
  console.error('usage: bench/compare A.json B.json [--least PERCENT]');
  process.exit(2);
}
const [a, b] = [before, after].map((file) => JSON.parse(fs.readFileSync(file, 'utf8')));
const keyOf = ({ row, what, unit }) => `${row}: ${what} ${unit ?? ''}`.trim();
const earlier = new Map(a.figures.map((figure) => [keyOf(figure), figure]));

console.log(`${a.about.commit.slice(0, 10)} (${a.about.at}) → ${b.about.commit.slice(0, 10)} (${b.about.at})`);
for (const figure of b.figures) {
  const old = earlier.get(keyOf(figure));
  earlier.delete(keyOf(figure));
  if (!old) {
    console.log(`  new      ${short(figure.figure).padStart(8)}  ${keyOf(figure)}`);
    continue;
  }
  const change = (figure.figure / old.figure - 1) * 100;
  const [kept, keptBefore] = [verdict(figure).kept, verdict(old).kept];
  const turned = kept === keptBefore ? '' : kept ? '  now kept' : '  NOW MISSED';
  if (Math.abs(change) < Number(percent) && !turned) continue;
  console.log(`  ${change >= 0 ? '+' : ''}${change.toFixed(1).padStart(change >= 0 ? 5 : 6)} %  ${short(old.figure).padStart(8)} → ${short(figure.figure).padEnd(8)}  ${keyOf(figure)}${turned}`);
}
for (const key of earlier.keys()) console.log(`  gone               ${key}`);

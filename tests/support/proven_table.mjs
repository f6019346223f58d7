// Compares the table in docs/guides/sign-in.md with what the flows of this run have proved; GATEHOUSE_GOLDEN_UPDATE writes it.
import fs from 'node:fs';
import path from 'node:path';
import { provenFolder } from './proven.mjs';
import { repository } from './server.mjs';

const kinds = ['First factor', 'Second factor', 'Social', 'Enterprise', 'API'];
const guide = path.join(repository, 'docs/guides/sign-in.md');
const begin = '<!-- proven: made by ./test, see tests/support/proven.mjs -->';
const end = '<!-- end of proven -->';

function rows() {
  const found = new Map();
  for (const file of fs.existsSync(provenFolder) ? fs.readdirSync(provenFolder) : []) {
    for (const line of fs.readFileSync(path.join(provenFolder, file), 'utf8').split('\n').filter(Boolean)) {
      const row = JSON.parse(line);
      if (!kinds.includes(row.kind)) throw new Error(`unknown kind ${row.kind}`);
      const text = `| ${row.kind} | ${row.way} | ${row.counterpart}${row.standIn ? ' (a stand-in of its documented behaviour)' : ''} |`;
      found.set(text, row);
    }
  }
  return [...found].sort(([a, x], [b, y]) => kinds.indexOf(x.kind) - kinds.indexOf(y.kind) || (a < b ? -1 : 1)).map(([text]) => text);
}

const table = ['| | way in | proven against |', '| --- | --- | --- |', ...rows()].join('\n');
const text = fs.readFileSync(guide, 'utf8');
const [head, rest] = text.split(`${begin}\n`);
const [written, tail] = (rest ?? '').split(`\n${end}`);
if (tail === undefined) throw new Error(`${guide} has no place for the table: ${begin}`);
if (process.env.GATEHOUSE_GOLDEN_UPDATE) fs.writeFileSync(guide, `${head}${begin}\n${table}\n${end}${tail}`);
else if (written !== table) {
  console.log(`docs/guides/sign-in.md says\n${written}\nand the tests have proved\n${table}\nTo write it: ./test --golden-update --flows`);
  process.exitCode = 1;
}

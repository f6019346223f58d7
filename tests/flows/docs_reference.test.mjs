// docs/reference is what the binary says of itself. To refresh: ./test --golden-update docs_reference
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { findBinary, repository } from '../support/server.mjs';

for (const page of ['settings', 'routes', 'properties']) {
  test(`docs/reference/${page}.md is up to date`, () => {
    const file = path.join(repository, 'docs/reference', `${page}.md`);
    const printed = execFileSync(findBinary(), ['docs', page], { encoding: 'utf8' });
    if (process.env.GATEHOUSE_GOLDEN_UPDATE) fs.writeFileSync(file, printed);
    assert.equal(fs.readFileSync(file, 'utf8'), printed, `run: ./test --golden-update docs_reference`);
  });
}

// server/liquid/cases.json against npm liquidjs: what the C++ test demands of ours is what liquidjs does. A case marked
// `differs` is one where ours is meant to do something else, and the test sees to it that it still does.
process.env.TZ = 'UTC';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Liquid } from 'liquidjs';

const { variables, cases } = JSON.parse(readFileSync(new URL('../../server/liquid/cases.json', import.meta.url)));

for (const one of cases) {
  test(`liquidjs: ${one.name}`, async () => {
    const engine = new Liquid({ outputEscape: one.escape ? 'escape' : undefined, timezoneOffset: 0 });
    const output = await engine.parseAndRender(one.template, one.variables ?? variables).catch((error) => `error: ${error.message}`);
    if (one.differs) assert.notEqual(output, one.output);
    else assert.equal(output, one.output);
  });
}

// The audits of GraphQL over HTTP: what the specification says a server MUST, SHOULD and MAY do.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { serverAudits } from 'graphql-http';
import { url } from './shop.js';

const table = [];

for (const audit of serverAudits({ url })) {
  test(`${audit.id} ${audit.name}`, async () => {
    const result = await audit.fn();

    table.push({ audit: audit.id, status: result.status, requirement: audit.name });
    if (!audit.name.startsWith('MAY ')) assert.equal(result.status, 'ok', result.reason);
  });
}

after(() => {
  const width = Math.max(...table.map(({ status }) => status.length));
  console.log(table.map(({ audit, status, requirement }) => `${audit}  ${status.padEnd(width)}  ${requirement}`).join('\n'));
});

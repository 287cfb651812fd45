// The client that Apollo, urql and Relay use for WebSockets.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-ws';
import { changeStock, shelf, webSocketImpl, wsUrl } from './shop.js';
import { start } from './server.js';

const WATCH = `subscription ($sku: String!, $location: String!, $after: Cursor) {
  availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: $location }], after: $after) {
    __typename
    ... on AvailabilityChanged { cursor availability { id available { quantity } } }
  }
}`;

const connect = (options) => createClient({ url: wsUrl, webSocketImpl, ...options });

async function one(client, query, variables) {
  for await (const result of client.iterate({ query, variables })) return result;
}

describe('graphql-ws', () => {
  let client;

  before(() => {
    client = connect();
  });
  after(() => client.dispose());

  test('runs a query', async () => {
    const result = await one(client, '{ viewer { kind } }');

    assert.deepEqual(result.data, { viewer: { kind: 'ANONYMOUS' } });
    assert.ok(result.extensions.cost.requested < result.extensions.cost.limit);
  });

  test('runs a mutation, whose refusal is data', async () => {
    const result = await one(
      client,
      `mutation { cartCreate(input: { lines: [{ variant: { sku: "NO-SUCH-SKU" }, quantity: 1 }] }) { __typename } }`,
    );

    assert.deepEqual(result.data, { cartCreate: { __typename: 'NotFound' } });
  });

  test('is told what is wrong with a document', async () => {
    await assert.rejects(one(client, '{ nothing }'), ([error]) => error.extensions.code === 'GRAPHQL_VALIDATION_FAILED');
  });

  test('sees what is there, and then what changes', async () => {
    const place = await shelf(0);
    const quantities = [];

    for await (const { data } of client.iterate({ query: WATCH, variables: place })) {
      quantities.push(data.availabilityChanged.availability.available.quantity);
      if (quantities.length === 2) break;
      await changeStock(place, -1);
    }

    assert.deepEqual(quantities, [place.quantity, place.quantity - 1]);
  });

  test('is refused with 4401 when its token is not good, and does not try again', async () => {
    let attempts = 0;
    const stranger = connect({
      connectionParams: { authorization: 'Bearer nonsense' },
      on: { connecting: () => (attempts += 1) },
    });

    await assert.rejects(one(stranger, '{ viewer { kind } }'), { code: 4401 });
    assert.equal(attempts, 1);
  });
});

test('graphql-ws comes back to a server that was restarted and misses nothing', async (t) => {
  const place = await shelf(1);
  const server = await start();
  t.after(server.stop);
  const seen = [];
  const closes = [];
  let cursor = null;
  const client = createClient({
    url: `${server.address.replace('http', 'ws')}/graphql`,
    webSocketImpl,
    retryAttempts: 100,
    // By itself the client gives up when nobody listens.
    shouldRetry: () => true,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 100)),
    on: { closed: (event) => closes.push(event.code) },
  });
  t.after(() => client.dispose());
  // A getter, because the client sends its payload anew whenever it comes back.
  const variables = { ...place, get after() { return cursor; } };
  const results = client.iterate({ query: WATCH, variables });
  const next = async () => {
    const { availabilityChanged } = (await results.next()).value.data;
    ({ cursor } = availabilityChanged);
    seen.push(availabilityChanged.availability.available.quantity);
  };

  await next();
  await changeStock(place, -1);
  await next();
  await server.stop();
  await changeStock(place, -1);
  const again = await start(server.port);
  t.after(again.stop);
  await next();
  await changeStock(place, 2);
  await next();

  assert.deepEqual(seen, [0, -1, -2, 0].map((change) => place.quantity + change));
  assert.equal(closes[0], 1001);
});

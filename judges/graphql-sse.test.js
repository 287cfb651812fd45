// Server-sent events, each operation over a connection of its own.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createClient } from 'graphql-sse';
import { changeStock, shelf, url } from './shop.js';

const WATCH = `subscription ($sku: String!, $location: String!) {
  availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: $location }]) {
    ... on AvailabilityChanged { availability { available { quantity } } }
  }
}`;

describe('graphql-sse, distinct connections mode', () => {
  let client;

  before(() => {
    client = createClient({ url });
  });
  after(() => client.dispose());

  async function all(query) {
    const results = [];
    for await (const result of client.iterate({ query })) results.push(result);
    return results;
  }

  test('runs a query, and is told that this was all', async () => {
    const results = await all('{ viewer { kind } }');
    assert.deepEqual(results.map(({ data }) => data), [{ viewer: { kind: 'ANONYMOUS' } }]);
  });

  test('runs a mutation, whose refusal is data', async () => {
    const results = await all('mutation { passwordReset(input: { token: "x", password: "long enough for us" }) { __typename } }');

    assert.deepEqual(results.map(({ data }) => data), [{ passwordReset: { __typename: 'InvalidInput' } }]);
  });

  test('sees what is there, and then what changes', async () => {
    const place = await shelf(2);
    const quantities = [];

    for await (const { data } of client.iterate({ query: WATCH, variables: place })) {
      quantities.push(data.availabilityChanged.availability.available.quantity);
      if (quantities.length === 2) break;
      await changeStock(place, -1);
    }

    assert.deepEqual(quantities, [place.quantity, place.quantity - 1]);
  });

  test('is told what is wrong with a document', async () => {
    const [{ errors }] = await all('{ nothing }');

    assert.equal(errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  });

  test('is refused with 401 when its token is not good', async () => {
    const stranger = createClient({ url, headers: { authorization: 'Bearer nonsense' }, retryAttempts: 0 });

    await assert.rejects(
      (async () => {
        for await (const _ of stranger.iterate({ query: '{ viewer { kind } }' }));
      })(),
      (error) => error.response.status === 401,
    );
  });
});

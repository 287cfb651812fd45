// What the judges share: where the server is, and a hand on its stock.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';

const address = process.env.ONESHELF_ADDRESS;
assert.ok(address, 'Start the judges with `make judges`, which starts a server for them.');

export const url = `${address}/graphql`;
export const wsUrl = url.replace(/^http/, 'ws');
export const webSocketImpl = WebSocket;

export async function ask(query, variables = {}, headers = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

/** The `number`th variant and location with a few units, few enough for shoppers to be told how many. */
export async function shelf(number) {
  const { products } = await ask(`{
    products(first: 24) { nodes { variants(first: 10) { nodes {
      sku availability { id location { code } available { quantity isCapped } }
    } } } }
  }`);
  const shelves = products.nodes
    .flatMap((product) => product.variants.nodes)
    .map(({ sku, availability }) => [sku, availability.find(hasAFew)])
    .filter(([, place]) => place);
  assert.ok(shelves.length > number, 'The demo has too few variants with few units.');
  const [sku, place] = shelves[number];
  return { sku, location: place.location.code, id: place.id, quantity: place.available.quantity };
}

const hasAFew = ({ available }) => !available.isCapped && available.quantity >= 3;

/** As an app that manages stock. */
export async function changeStock({ sku, location }, delta) {
  const document = `mutation ($input: StockAdjustInput!) {
    stockAdjust(input: $input) { __typename ... on UserError { message } }
  }`;
  const key = { variant: { sku }, location: { code: location } };
  const input = { changes: [{ key, delta }], reason: 'ADJUSTMENT', idempotencyKey: randomUUID() };
  const { stockAdjust } = await ask(document, { input }, { authorization: `Bearer ${process.env.ONESHELF_TOKEN}` });
  assert.equal(stockAdjust.__typename, 'StockPayload', stockAdjust.message);
}

/** Settles when `take` returns something for one of the values that `push` is given. */
export function until(take) {
  const { promise, resolve, reject } = Promise.withResolvers?.() ?? withResolvers();
  const push = (value) => {
    try {
      const taken = take(value);
      if (taken !== undefined && taken !== false) resolve(taken);
    } catch (error) {
      reject(error);
    }
  };
  return { promise, push, fail: reject };
}

function withResolvers() {
  const made = {};
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
}

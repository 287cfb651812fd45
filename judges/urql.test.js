// urql with its document cache; subscriptions by graphql-ws, and over its own fetch with server-sent events.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Client, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient } from 'graphql-ws';
import { changeStock, shelf, until, url, webSocketImpl, wsUrl } from './shop.js';

const VIEWER = gql`{ viewer { kind } }`;
const WATCH = gql`
  subscription Watch($sku: String!, $location: String!) {
    availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: $location }]) {
      ... on AvailabilityChanged { availability { id available { quantity } } }
    }
  }
`;
const MAKE_CART = gql`
  mutation MakeCart($sku: String!) {
    cartCreate(input: { lines: [{ variant: { sku: $sku }, quantity: 1 }] }) {
      __typename
      ... on CartPayload { cartToken cart { id version lines { id quantity } } }
    }
  }
`;
const CART = gql`query Cart($id: ID!) { cart(id: $id) { id version lines { id quantity } } }`;
const UPDATE = gql`
  mutation Update($input: CartLinesUpdateInput!) {
    cartLinesUpdate(input: $input) { ... on CartPayload { cart { id version lines { id quantity } } } }
  }
`;

function counting(requests) {
  return (...request) => {
    requests.push(request);
    return fetch(...request);
  };
}

async function fallenBy(client, place) {
  const quantities = [];
  const fallen = until(() => quantities.length === 2);
  const { unsubscribe } = client.subscription(WATCH, place).subscribe(({ data, error }) => {
    if (error) return fallen.fail(error);
    quantities.push(data.availabilityChanged.availability.available.quantity);
    if (quantities.length === 1) changeStock(place, -1).catch(fallen.fail);
    fallen.push();
  });
  await fallen.promise;
  unsubscribe();
  return quantities;
}

describe('urql', () => {
  let sockets;

  before(() => {
    sockets = createClient({ url: wsUrl, webSocketImpl });
  });
  after(() => sockets.dispose());

  function made(options = {}) {
    const forwardSubscription = (request) => ({
      subscribe: (sink) => ({ unsubscribe: sockets.subscribe({ ...request, query: request.query ?? '' }, sink) }),
    });
    return new Client({
      url,
      exchanges: [cacheExchange, fetchExchange, subscriptionExchange({ forwardSubscription })],
      preferGetMethod: false,
      ...options,
    });
  }

  test('asks once and then knows', async () => {
    const requests = [];
    const client = made({ fetch: counting(requests) });

    const answers = [await client.query(VIEWER, {}), await client.query(VIEWER, {})];

    assert.deepEqual(answers.map(({ data }) => data.viewer.kind), ['ANONYMOUS', 'ANONYMOUS']);
    assert.equal(requests.length, 1);
    assert.match(requests[0][1].headers.accept, /text\/event-stream/);
  });

  test('asks by GET where it is told to', async () => {
    const requests = [];
    const client = made({ preferGetMethod: 'force', fetch: counting(requests) });

    const { data } = await client.query(VIEWER, {});

    assert.equal(data.viewer.kind, 'ANONYMOUS');
    assert.equal(requests[0][1].method, 'GET');
  });

  test('asks again for a cart that a mutation answered', async () => {
    const { sku } = await shelf(4);
    let token;
    const client = made({ fetchOptions: () => ({ headers: token ? { 'oneshelf-cart-token': token } : {} }) });
    const created = (await client.mutation(MAKE_CART, { sku })).data.cartCreate;
    token = created.cartToken;
    const quantities = [];
    const doubled = until(() => quantities.at(-1) === 2);
    const { unsubscribe } = client.query(CART, { id: created.cart.id }).subscribe(({ data, stale, error }) => {
      if (error) return doubled.fail(error);
      if (!stale) quantities.push(data.cart.lines[0].quantity);
      doubled.push();
    });
    await client.query(CART, { id: created.cart.id });

    const input = { cartId: created.cart.id, lines: [{ lineId: created.cart.lines[0].id, quantity: 2 }] };
    await client.mutation(UPDATE, { input });
    await doubled.promise;

    unsubscribe();
    assert.deepEqual(quantities, [1, 2]);
  });

  test('is told the code of an error', async () => {
    const { error } = await made().query(gql`{ products(first: 100000) { nodes { id } } }`, {});

    assert.deepEqual(error.graphQLErrors.map(({ extensions }) => extensions.code), ['BAD_USER_INPUT']);
  });

  test('hears of a change through graphql-ws', async () => {
    const place = await shelf(4);

    assert.deepEqual(await fallenBy(made(), place), [place.quantity, place.quantity - 1]);
  });

  test('hears of a change through server-sent events', async () => {
    const place = await shelf(5);
    const client = made({ exchanges: [cacheExchange, fetchExchange], fetchSubscriptions: true });

    assert.deepEqual(await fallenBy(client, place), [place.quantity, place.quantity - 1]);
  });
});

// Apollo Client as its documentation sets it up: HTTP for queries, graphql-ws for subscriptions, a normalized cache.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { OperationTypeNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { ask, changeStock, shelf, until, url, webSocketImpl, wsUrl } from './shop.js';

const PLACE = gql`
  query Place($sku: String!, $location: String!) {
    availability(variants: [{ sku: $sku }], locations: [{ code: $location }]) {
      id
      status
      available { quantity }
    }
  }
`;
const WATCH = gql`
  subscription Watch($sku: String!, $location: String!) {
    availabilityChanged(variants: [{ sku: $sku }], locations: [{ code: $location }]) {
      ... on AvailabilityChanged {
        cursor
        availability { id status available { quantity } }
      }
    }
  }
`;
const MAKE_CART = gql`
  mutation MakeCart($sku: String!) {
    cartCreate(input: { lines: [{ variant: { sku: $sku }, quantity: 1 }] }) {
      ... on CartPayload { cartToken cart { id version lines { id sku } } }
      ... on UserError { code message path }
    }
  }
`;
const ORDER = gql`
  mutation Place($cart: ID!) {
    orderPlace(input: { cartId: $cart, idempotencyKey: "apollo" }) {
      ... on CartNotReady { problems { code } }
      ... on UserError { code message path }
    }
  }
`;

async function possibleTypes() {
  const { __schema } = await ask('{ __schema { types { name possibleTypes { name } } } }');
  const abstract = __schema.types.filter((type) => type.possibleTypes);
  return Object.fromEntries(abstract.map((type) => [type.name, type.possibleTypes.map(({ name }) => name)]));
}

describe('Apollo Client', () => {
  let client;
  let requests = 0;
  let sockets;

  function made(types, headers = {}) {
    const http = new HttpLink({
      uri: url,
      headers,
      fetch: (...request) => {
        requests += 1;
        return fetch(...request);
      },
    });
    const isSubscription = ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION;
    const link = ApolloLink.split(isSubscription, new GraphQLWsLink(sockets), http);
    return new ApolloClient({ link, cache: new InMemoryCache({ possibleTypes: types }) });
  }

  before(async () => {
    sockets = createClient({ url: wsUrl, webSocketImpl });
    client = made(await possibleTypes());
  });
  after(async () => {
    client.stop();
    await sockets.dispose();
  });

  test('applies a change to what a query showed, by its id alone', async () => {
    const place = await shelf(3);
    const { quantity } = place;
    const fallen = until(({ data }) => data?.availability[0].available.quantity === quantity - 1);
    const shown = [];
    const watched = client.watchQuery({ query: PLACE, variables: place }).subscribe((result) => {
      if (result.data) shown.push(result.data.availability[0].available.quantity);
      fallen.push(result);
    });
    const heard = until(({ data }) => data.availabilityChanged.availability.available.quantity === quantity);
    const changes = client.subscribe({ query: WATCH, variables: place }).subscribe({ next: heard.push, error: heard.fail });
    await heard.promise;
    const asked = requests;

    await changeStock(place, -1);
    await fallen.promise;

    changes.unsubscribe();
    watched.unsubscribe();
    assert.deepEqual(shown, [quantity, quantity - 1]);
    assert.equal(requests, asked);
    assert.deepEqual(client.cache.extract()[`LocationAvailability:${place.id}`].available, {
      __typename: 'AvailableQuantity',
      quantity: quantity - 1,
    });
  });

  test('keeps a cart and its lines by their ids', async () => {
    const { sku } = await shelf(3);

    const { data } = await client.mutate({ mutation: MAKE_CART, variables: { sku } });

    const { cart } = data.cartCreate;
    const kept = client.cache.extract();
    assert.deepEqual(kept[`Cart:${cart.id}`].lines, [{ __ref: `CartLine:${cart.lines[0].id}` }]);
    assert.equal(kept[`CartLine:${cart.lines[0].id}`].sku, sku);
  });

  test('reads a refusal as data, by the interface that all refusals share', async () => {
    const { data, error } = await client.mutate({ mutation: MAKE_CART, variables: { sku: 'NO-SUCH-SKU' } });

    assert.equal(error, undefined);
    assert.equal(data.cartCreate.__typename, 'NotFound');
    assert.equal(data.cartCreate.code, 'NOT_FOUND');
    assert.deepEqual(data.cartCreate.path, ['input', 'lines', '0', 'variant']);
  });

  test('reads what a refusal adds for its own kind', async () => {
    const { sku } = await shelf(3);
    const { data } = await client.mutate({ mutation: MAKE_CART, variables: { sku } });
    const { cartToken, cart } = data.cartCreate;
    const headers = { 'oneshelf-cart-token': cartToken };

    const answer = await client.mutate({ mutation: ORDER, variables: { cart: cart.id }, context: { headers } });

    assert.equal(answer.data.orderPlace.code, 'CART_NOT_READY');
    assert.deepEqual(answer.data.orderPlace.problems.map(({ code }) => code).sort(), ['DELIVERY_MISSING', 'EMAIL_MISSING']);
  });

  test('is told the code of an error', async () => {
    const tooMany = gql`{ products(first: 100000) { nodes { id } } }`;

    await assert.rejects(client.query({ query: tooMany }), (error) => {
      assert.ok(CombinedGraphQLErrors.is(error));
      assert.deepEqual(error.errors.map(({ extensions }) => extensions.code), ['BAD_USER_INPUT']);
      return true;
    });
  });

  test('reads the body of a 401 as an error with its code', async () => {
    const stranger = made({}, { authorization: 'Bearer nonsense' });

    await assert.rejects(stranger.query({ query: gql`{ viewer { kind } }` }), (error) => {
      assert.ok(CombinedGraphQLErrors.is(error), error);
      assert.equal(error.errors[0].extensions.code, 'UNAUTHENTICATED');
      return true;
    });
  });
});

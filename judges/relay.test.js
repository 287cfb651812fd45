// Relay, the strictest reader of a schema: its compiler on schema.graphql, and its runtime with what that made.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createClient } from 'graphql-ws';
import relay from 'relay-runtime';
import { ask, changeStock, shelf, until, url, webSocketImpl, wsUrl } from './shop.js';

const { Environment, Network, Observable, RecordSource, Store } = relay;
const { createOperationDescriptor, fetchQuery, getRequest, getSelector, requestSubscription } = relay;
const require = createRequire(import.meta.url);
const compiler = fileURLToPath(new URL('node_modules/.bin/relay-compiler', import.meta.url));
const here = fileURLToPath(new URL('.', import.meta.url));
// Git ignores this folder, and files in it are CommonJS, as the compiler's are.
const artifacts = new URL('node_modules/.relay-artifacts/', import.meta.url);

const artifact = (name) => require(fileURLToPath(new URL(`${name}.graphql.js`, artifacts)));

describe('Relay', () => {
  let sockets;
  let said;

  before(async () => {
    await rm(artifacts, { recursive: true, force: true });
    await mkdir(artifacts);
    ({ stdout: said } = await promisify(execFile)(compiler, ['relay.config.json'], { cwd: here }));
    sockets = createClient({ url: wsUrl, webSocketImpl });
  });
  after(() => sockets.dispose());

  function environment() {
    const fetched = async ({ text, name }, variables) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
        body: JSON.stringify({ query: text, operationName: name, variables }),
      });
      return response.json();
    };
    const subscribed = ({ text, name }, variables) =>
      Observable.create((sink) => sockets.subscribe({ query: text, operationName: name, variables }, sink));
    return new Environment({ network: Network.create(fetched, subscribed), store: new Store(new RecordSource()) });
  }

  /** What a component with this fragment would render, once the query has been fetched. */
  async function rendered(shop, query, variables, fragment, at = (data) => data) {
    const operation = createOperationDescriptor(getRequest(artifact(query)), variables);
    const retained = shop.retain(operation);
    await fetchQuery(shop, artifact(query), variables).toPromise();
    const parent = at(shop.lookup(operation.fragment).data);
    const selector = getSelector(artifact(fragment), parent);
    return { read: () => shop.lookup(selector).data, parent, release: () => retained.dispose() };
  }

  test('compiles connections and refetches against the schema', () => {
    assert.match(said, /compiled documents: \d+ reader, \d+ normalization/);
    assert.deepEqual(artifact('documentsVariant').metadata.refetch.identifierInfo.identifierField, 'id');
    assert.deepEqual(artifact('documentsProducts').metadata.connection[0].path, ['products']);
  });

  test('adds the next page to the one it has', async () => {
    const expected = (await ask('{ products(first: 5) { nodes { slug } } }')).products.nodes.map(({ slug }) => slug);
    const shop = environment();
    const list = await rendered(shop, 'documentsShopQuery', { first: 3 }, 'documentsProducts');
    const first = list.read().products;

    const page = { first: 2, after: first.pageInfo.endCursor };
    await fetchQuery(shop, artifact('documentsProductsPageQuery'), page).toPromise();

    const slugs = ({ edges }) => edges.map(({ node }) => node.slug);
    assert.deepEqual(slugs(first), expected.slice(0, 3));
    assert.deepEqual(slugs(list.read().products), expected);
  });

  test('fetches an object again by its id alone', async () => {
    const place = await shelf(6);
    const shop = environment();
    const variant = await rendered(
      shop, 'documentsVariantQuery', place, 'documentsVariant', (data) => data.productVariant,
    );
    const sum = () => variant.read().availability.reduce((total, { available }) => total + available.quantity, 0);
    const before = sum();

    await changeStock(place, -1);
    await fetchQuery(shop, artifact('documentsVariantRefetchQuery'), { id: variant.parent.id }).toPromise();

    assert.equal(variant.read().sku, place.sku);
    assert.equal(sum(), before - 1);
  });

  test('gets many objects in the order of their ids, and null for what is not there', async () => {
    const { products } = await ask('{ products(first: 2) { nodes { id slug } } }');
    const [first, second] = products.nodes;
    const missing = `prd_${'0'.repeat(32)}`;

    const { nodes } = await fetchQuery(environment(), artifact('documentsNodesQuery'), {
      ids: [second.id, missing, first.id],
    }).toPromise();

    assert.deepEqual(nodes.map((node) => node && node.slug), [second.slug, null, first.slug]);
  });

  test('applies a change to what a fragment showed', async () => {
    const place = await shelf(7);
    const shop = environment();
    const variant = await rendered(
      shop, 'documentsVariantQuery', place, 'documentsVariant', (data) => data.productVariant,
    );
    const quantities = () => variant.read().availability.map(({ available }) => available.quantity);
    const before = quantities();
    const fallen = until(({ availabilityChanged }) => availabilityChanged.availability.available.quantity < place.quantity);
    const heard = until(() => true);
    const changes = requestSubscription(shop, {
      subscription: artifact('documentsWatchSubscription'),
      variables: place,
      onNext: (data) => [heard, fallen].forEach(({ push }) => push(data)),
      onError: fallen.fail,
    });
    await heard.promise;

    await changeStock(place, -1);
    await fallen.promise;

    changes.dispose();
    const difference = quantities().map((quantity, index) => quantity - before[index]);
    assert.deepEqual(difference.filter((change) => change !== 0), [-1]);
  });

  test('runs a mutation, whose refusal is data', async () => {
    const input = { lines: [{ variant: { sku: 'NO-SUCH-SKU' }, quantity: 1 }] };
    const answered = until((data) => data);

    relay.commitMutation(environment(), {
      mutation: artifact('documentsMakeCartMutation'),
      variables: { input },
      onCompleted: answered.push,
      onError: answered.fail,
    });

    assert.deepEqual((await answered.promise).cartCreate, { __typename: 'NotFound', code: 'NOT_FOUND' });
  });
});

// Queries and mutations go by POST, subscriptions by WebSocket (graphql-transport-ws), both to the page's own origin.
import { getOperationAST, parse } from "graphql";
import { createClient } from "graphql-ws";
import { fillIn, remember } from "./carried.js";

const ACCEPT = "application/graphql-response+json, application/json;q=0.9";
const UPDATES_SHOWN = 25;

export function createFetcher(endpoint) {
  const clientFor = webSocketClients(endpoint);

  return async (asked, options) => {
    const request = withKnownOperation(asked);
    const { filled, missing } = fillIn({ request, headers: options?.headers ?? {} });
    const { headers } = filled;
    if (request.operationName === "IntrospectionQuery") {
      return post(endpoint, filled.request, withoutPlaceholders(headers));
    }
    if (missing.length > 0) {
      throw plain(`There is no cart yet for ${missing.join(" and ")}: run the tab that makes one first.`);
    }
    if (isSubscription(request)) return updates(clientFor(headers), filled.request);
    const result = await post(endpoint, filled.request, headers);
    remember(result);
    return result;
  };
}

// For a moment after another tab is opened GraphiQL still names the operation of the one before.
function withKnownOperation(request) {
  const { operationName, ...nameless } = request;
  try {
    return getOperationAST(parse(request.query), operationName) ? request : nameless;
  } catch {
    return request; // The server explains a syntax error better.
  }
}

// GraphiQL prints the stack of an Error below its message; it says nothing to a reader.
const plain = (message) => ({ message });

async function post(endpoint, request, headers) {
  const response = await fetch(endpoint, {
    method: "POST",
    credentials: "omit",
    headers: { ...headers, "Content-Type": "application/json", Accept: ACCEPT },
    body: JSON.stringify(request),
  });
  const body = await response.text();
  try {
    return JSON.parse(body);
  } catch {
    throw plain(`The server answered ${response.status} ${response.statusText} without JSON. ${body}`.trim());
  }
}

// The introspection runs before any cart exists, with the headers of whatever tab is open.
function withoutPlaceholders(headers) {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => !String(value).includes("{{")));
}

function isSubscription({ query, operationName }) {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false; // The server explains a syntax error better.
  }
}

// Headers are sent once a connection, in connection_init; so other headers need another connection.
function webSocketClients(endpoint) {
  const url = new URL(endpoint, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  let current = { key: null, client: null };
  return (headers) => {
    const key = JSON.stringify(headers);
    if (key !== current.key) {
      current.client?.dispose();
      current = { key, client: createClient({ url: url.href, connectionParams: headers }) };
    }
    return current.client;
  };
}

// GraphiQL shows one result; a list with the newest first shows what has changed. An observable, not an async
// generator: a generator that waits for the next event cannot be stopped until that event comes.
function updates(client, request) {
  return {
    subscribe(observer) {
      const shown = [];
      let count = 0;
      const unsubscribe = client.subscribe(request, {
        next(result) {
          count += 1;
          shown.unshift([`${count} · ${new Date().toLocaleTimeString()}`, result.errors ? result : result.data]);
          shown.length = Math.min(shown.length, UPDATES_SHOWN);
          observer.next(Object.fromEntries(shown));
        },
        error: (error) => observer.error(readable(error)),
        complete: () => observer.complete(),
      });
      return { unsubscribe };
    },
  };
}

function readable(error) {
  if (!("code" in error && "reason" in error)) return error;
  return plain(`The WebSocket was closed: ${error.code} ${error.reason}`.trim());
}

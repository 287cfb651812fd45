// The page's only script. What differs between servers comes from the data attributes of its one element.
import "./workers.js";
import { GraphiQL } from "graphiql";
// Not graphiql/style.css, which adds the same rules of Monaco again and 300 kB of fonts.
import "@graphiql/react/style.css";
import "@graphiql/plugin-doc-explorer/style.css";
import "@graphiql/plugin-history/style.css";
import "graphiql/graphiql.css";
import { createRoot } from "react-dom/client";
import { createFetcher } from "./fetcher.js";
import { hasStoredTabs, storage } from "./storage.js";
import { defineEditorThemes, editorTheme } from "./theme.js";

const asText = (value) => (value && Object.keys(value).length > 0 ? JSON.stringify(value, null, 2) : "");

async function loadTabs(address) {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}.`);
  const stories = await response.json();
  return stories.map(({ query, variables, headers }) => ({
    query,
    variables: asText(variables),
    headers: asText(headers),
  }));
}

// GraphiQL takes the query of the first default tab, but not its variables and headers.
function firstVisit(tabs) {
  if (hasStoredTabs() || tabs.length === 0) return {};
  const [{ query, variables, headers }] = tabs;
  return { initialQuery: query, initialVariables: variables, initialHeaders: headers };
}

async function boot(element) {
  const { endpoint, stories, logo } = element.dataset;
  const tabs = await loadTabs(stories);
  defineEditorThemes();
  createRoot(element).render(
    <GraphiQL
      fetcher={createFetcher(endpoint)}
      defaultTabs={tabs}
      defaultQuery=""
      defaultEditorToolsVisibility
      shouldPersistHeaders
      showPersistHeadersSettings={false}
      storage={storage}
      editorTheme={editorTheme}
      {...firstVisit(tabs)}
    >
      <GraphiQL.Logo>
        <span className="oneshelf-brand">
          <img src={logo} alt="" width="28" height="28" />
          Oneshelf
        </span>
      </GraphiQL.Logo>
    </GraphiQL>,
  );
}

const element = document.getElementById("graphiql");
boot(element).catch((error) => {
  element.textContent = `GraphiQL could not start: ${error.message}`;
});

// GraphiQL keeps everything in one storage. Headers hold tokens, and tabs and history contain headers, so only the
// settings listed here outlive the browser session.
const KEPT = new Set(["theme", "visiblePlugin", "docExplorerFlex", "editorFlex", "secondaryEditorFlex"]);
const PREFIX = "graphiql:";

const storageFor = (key) => (KEPT.has(key.slice(PREFIX.length)) ? localStorage : sessionStorage);

const ownKeys = (storage) => Object.keys(storage).filter((key) => key.startsWith(PREFIX));

export const storage = {
  getItem: (key) => storageFor(key).getItem(key),
  setItem: (key, value) => storageFor(key).setItem(key, value),
  removeItem: (key) => storageFor(key).removeItem(key),
  get length() {
    return ownKeys(localStorage).length + ownKeys(sessionStorage).length;
  },
  clear() {
    for (const area of [localStorage, sessionStorage]) {
      for (const key of ownKeys(area)) area.removeItem(key);
    }
  },
};

export const hasStoredTabs = () => storage.getItem(`${PREFIX}tabState`) !== null;

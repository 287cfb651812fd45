// Monaco asks for its workers by label. Their files lie beside this one, so the version in the path is theirs too.
const FILE_BY_LABEL = { json: "json.worker.js", graphql: "graphql.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker: (_moduleId, label) =>
    new Worker(new URL(FILE_BY_LABEL[label] ?? "editor.worker.js", import.meta.url)),
};

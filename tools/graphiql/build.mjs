// Bundles GraphiQL into files that the server hands out as they are. Usage: node build.mjs [OUTPUT_FOLDER]
import { build } from "esbuild";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const here = dirname(fileURLToPath(import.meta.url));
const output = resolve(process.argv[2] ?? join(here, "../../api/graphiql/static"));
const LICENSE_FILE = /^(licen[sc]e|copying|notice|copyrightnotice|third-?party-?notices)/i;

const shared = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  outdir: output,
  target: ["chrome111", "firefox113", "safari16.4"],
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none", // LICENSES.txt has the full texts.
  logLevel: "warning",
};

const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: { boot: "src/boot.jsx" },
    format: "esm",
    jsx: "automatic",
    loader: { ".ttf": "file" },
    assetNames: "[name]",
  }),
  build({
    ...shared,
    entryPoints: {
      "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
      "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
      "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
    },
    format: "iife",
  }),
]);

mkdirSync(output, { recursive: true });
for (const { path, contents } of bundles.flatMap((bundle) => bundle.outputFiles)) {
  writeFileSync(`${path}.gz`, gzipSync(contents, { level: 9 }));
}
writeFileSync(join(output, "LICENSES.txt"), notices(bundles.flatMap((bundle) => Object.keys(bundle.metafile.inputs))));

function notices(inputs) {
  const folders = new Set(inputs.map((path) => path.match(/.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0]).filter(Boolean));
  const sections = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(here, folder, "package.json"), "utf8"));
    const texts = readdirSync(join(here, folder)).filter((file) => LICENSE_FILE.test(file)).sort()
      .map((file) => readFileSync(join(here, folder, file), "utf8").replaceAll("\r\n", "\n").trim());
    return [`${name} ${version} (${license})`, ...texts].join("\n\n");
  });
  return `${["The GraphiQL bundle contains these works of others.", ...sections].join(`\n\n${"-".repeat(78)}\n\n`)}\n`;
}

// Puts the connector, with all that it needs, into one file that node runs. With the argument tests it does so with each of src/*.test.ts.
import { readdirSync } from "node:fs";

import { build } from "esbuild";

const [, , entry = "src/main.ts", outfile = "dist/example-shop.mjs"] = process.argv;
const tests = readdirSync("src").filter((name) => name.endsWith(".test.ts")).map((name) => `src/${name}`);

await build({
  ...(entry === "tests" ? { entryPoints: tests, outdir: "dist", outExtension: { ".js": ".mjs" } } : { entryPoints: [entry], outfile }),
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: true, // for debuggers; the file runs without the map
  loader: { ".proto": "text" },
  // Some of the libraries are older than modules.
  banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  logLevel: "warning",
});

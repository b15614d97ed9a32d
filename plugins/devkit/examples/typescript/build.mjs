// Puts the connector, with all that it needs, into one file that node runs.
import { build } from "esbuild";

const [, , entry = "src/main.ts", outfile = "dist/example-shop.mjs"] = process.argv;

await build({
  entryPoints: [entry],
  outfile,
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

import { build } from "esbuild";

// One file that holds all it needs: the image has no node_modules.
await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/main.mjs",
  bundle: true,
  platform: "node",
  target: "node24",
  format: "esm",
  sourcemap: true,
  sourcesContent: false,
  // Packages of the CommonJS kind ask for `require`, which a module does not have.
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  external: ["pg-native"],
  logLevel: "warning",
});

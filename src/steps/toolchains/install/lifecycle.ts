export const lifecycleFile = "/tmp/fairway-lifecycle.json";

/** Runs in the step. Removes the lifecycle scripts of the repository's packages; writes their names, in order. */
export const setLifecycleScriptsAside = `
// set the repository's own lifecycle scripts aside
const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const order = ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"];
const found = new Set();
const paths = readdirSync(".", { recursive: true }).filter((path) => /(^|[/])package.json$/.test(path));
for (const path of paths) {
  let manifest;
  try { manifest = JSON.parse(readFileSync(path, "utf8")); } catch { continue; }
  const scripts = manifest.scripts;
  if (scripts === null || typeof scripts !== "object") continue;
  const own = order.filter((name) => name in scripts);
  if (own.length === 0) continue;
  for (const name of own) { found.add(name); delete scripts[name]; }
  writeFileSync(path, JSON.stringify(manifest, null, 2));
}
const run = order.filter((name) => found.has(name) && !["preprepare", "postprepare"].includes(name));
writeFileSync(process.argv[1], JSON.stringify(run));
`;

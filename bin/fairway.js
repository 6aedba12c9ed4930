#!/usr/bin/env node
/* global process */
// Plain JavaScript that old Nodes can read: the version is looked at before anything of ours is imported.
var needed = [22, 22];
var found = process.versions.node.split(".").map(Number);

/** What V8 made of our files at an earlier start, kept where the user's other caches are; Node refuses what does not fit. */
function keepCompiledCode() {
  var variables = process.env;
  var cache =
    variables.FAIRWAY_CACHE_DIR ||
    (variables.XDG_CACHE_HOME || (variables.HOME || process.getBuiltinModule("os").homedir()) + "/.cache") +
      "/fairway";
  process.getBuiltinModule("module").enableCompileCache(cache + "/compiled");
}

if (found[0] > needed[0] || (found[0] === needed[0] && found[1] >= needed[1])) {
  keepCompiledCode();
  import("../dist/cli/main.js").then(
    function (cli) {
      return cli.run();
    },
    function (error) {
      var unbuilt =
        error && error.code === "ERR_MODULE_NOT_FOUND" && /dist\/cli\/main\.js/.test(error.message);
      process.stderr.write(
        unbuilt
          ? "fairway cannot start: this checkout is not built yet.\n\n  npm run build\n"
          : "fairway cannot start: " + ((error && error.stack) || error) + "\n",
      );
      process.exitCode = 1;
    },
  );
} else {
  process.stderr.write(
    "fairway needs Node " +
      needed.join(".") +
      " or newer; this is Node " +
      process.versions.node +
      ".\n" +
      "Bring it along with the project, then call fairway through npx (or pnpm exec), which uses it:\n\n" +
      '  npm install --save-dev node@24     (npm 11 also wants "allowScripts": {"node": true} in package.json)\n' +
      "  npx fairway " +
      process.argv.slice(2).join(" ") +
      "\n",
  );
  process.exitCode = 2;
}

import { join, resolve } from "node:path";
import { connect } from "@dagger.io/dagger";
import { sandboxExecutor, startEngine } from "../../../src/engine/engine.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";
import { createSandbox } from "../../../src/host/sandbox/sandbox.ts";

/** Builds both services of examples/shop with the cache in the directory that it is given; prints what is in them. */
const [cache = ""] = process.argv.slice(2);
const store = await openLayerStore(cache);
const session = await startEngine({
  ...{
    executor: sandboxExecutor({ store, sandbox: createSandbox({ store }) }),
    workdir: cache,
    variables: {},
  },
  onEvent: (event) => {
    if (event.type === "output") process.stderr.write(event.text);
  },
});
process.env["DAGGER_SESSION_PORT"] = String(session.port);
process.env["DAGGER_SESSION_TOKEN"] = session.token;
const shop = resolve(join(import.meta.dirname, "../../../examples/shop"));
try {
  await connect(async (dag) => {
    const source = dag.host().directory(shop, { exclude: ["**/node_modules"] });
    const services = ["api", "web"].map((name) =>
      source.dockerBuild({ dockerfile: `apps/${name}/Dockerfile` }),
    );
    const answers = await Promise.all(
      services.map(async (built) => [await built.user(), await built.directory(".").entries()]),
    );
    console.log(JSON.stringify(answers));
  });
} finally {
  await session.close();
}

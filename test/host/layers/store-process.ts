/** Another process of a store: `hold KEY`, `make KEY...`, `use KEY`, `volume NAME`, `full`. Goes on until it is killed. */
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isFairwayError } from "../../../src/model/errors.ts";
import { openLayerStore } from "../../../src/host/layers/layers.ts";

const [root, command, ...names] = process.argv.slice(2) as [string, string, ...string[]];
const store = await openLayerStore(root);

switch (command) {
  case "hold":
    await store.ensure(names[0]!, async (draft) => {
      process.send!("holding");
      await new Promise((resolve) => process.once("message", resolve));
      await writeFile(join(draft.path, "held"), "");
    });
    process.disconnect();
    break;
  case "make":
    for (const name of names)
      await store.ensure(name, (draft) => writeFile(join(draft.path, "bytes"), Buffer.alloc(100_000)));
    goOn();
    break;
  case "use":
    await store.get(names[0]!);
    goOn();
    break;
  case "volume":
    await writeFile(join(await store.cacheVolume(names[0]!), "x"), "x");
    goOn();
    break;
  case "full": {
    const error: unknown = await store
      .ensure("exec:big", (draft) => writeFile(join(draft.path, "big"), Buffer.alloc(4_000_000)))
      .catch((reason: unknown) => reason);
    if (!isFairwayError(error)) throw error;
    const said = `${error.message} ${error.remedy ?? ""}`;
    console.log(
      JSON.stringify({
        code: error.code,
        names: said.includes(root) && said.includes("FAIRWAY_CACHE_DIR"),
        drafts: await readdir(join(root, "drafts")),
      }),
    );
  }
}

function goOn(): void {
  process.send!("ready");
  setInterval(() => undefined, 1000);
}

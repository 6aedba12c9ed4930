// Started as a daemon by local.ts.
import { runSupervisor } from "./supervisor.ts";

const [root = "", environment = "", cacheRoot = ""] = process.argv.slice(2);
await runSupervisor({
  root,
  environment,
  cacheRoot,
  runner: { pull: () => Promise.reject(new Error("images are not built yet")) },
});

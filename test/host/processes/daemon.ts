// A daemon that says hello, or fails.
import { becomeDaemon } from "../../../src/host/processes/processes.ts";

const [greeting = ""] = process.argv.slice(2);
if (greeting === "fail") throw new Error("nothing works today");
const daemon = becomeDaemon();
await daemon.ready({ greeting });
setInterval(() => undefined, 1000);

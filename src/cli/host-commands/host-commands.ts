import { unreachable } from "../../model/errors.ts";
import type { HostCommandCall } from "../commands/invocation.ts";
import type { PipelineModule } from "../module/module.ts";
import type { Places } from "../places.ts";
import type { Terminal } from "../terminal.ts";

export interface HostCommandContext {
  readonly places: Places;
  readonly module: () => Promise<PipelineModule>;
  readonly terminal: Terminal;
}

/** Runs a command that is no function of the module; answers the exit code. Each is imported when it is called. */
export async function runHostCommand(call: HostCommandCall, context: HostCommandContext): Promise<number> {
  switch (call.name) {
    case "functions":
      return (await import("./functions.ts")).listFunctions(call, context);
    case "check":
      return (await import("./check.ts")).runChecks(call, context);
    case "generate":
      return (await import("./generate.ts")).generate(call, context);
    case "run":
      return (await import("./run-program.ts")).runProgram(call, context);
    case "doctor":
      return (await import("./doctor/doctor.ts")).doctor(call, context);
    case "approve":
      return (await import("./approve.ts")).approve(call, context);
    case "logs":
      return (await import("./logs.ts")).showLogs(call, context);
    case "metrics":
      return (await import("./metrics.ts")).showMetrics(call, context);
    case "cache":
      return (await import("./cache.ts")).cache(call, context);
    case "simulate":
      return (await import("./simulate.ts")).runScenario(call, context);
    case "explain":
      return (await import("../explain/explain.ts")).explain(call, context);
    case "init":
      return (await import("./init/init.ts")).init(call, context);
    default:
      return unreachable(call.name);
  }
}

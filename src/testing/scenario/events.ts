import { z } from "zod";
import { label } from "../../config/config.ts";
import { duration, jump, time } from "./times.ts";

const at = time.default("+0s");
const person = z.string().min(1);
const by = person.default("ada").describe("Who does it: one of `people`.");
const environment = label.optional().describe("The environment. Default: the only one.");
const name = z
  .string()
  .min(1)
  .optional()
  .describe("What expectations call it. Default: `deploy-1` for the first deploy, and so on.");

const crash = z
  .union([
    z.strictObject({
      operation: z
        .union([z.int().min(1), z.string().min(1)])
        .describe(
          "Its number in the plan, counted from 1, or a part of what the plan calls it: `send 25 %`.",
        ),
      moment: z
        .enum(["before-start", "after-start", "before-end", "after-end"])
        .describe("Before or after what is written down at the operation's start, or at its end."),
    }),
    z.strictObject({
      write: z.int().min(1).describe("To the ledger, counted from 1."),
      moment: z.enum(["before", "after"]),
    }),
  ])
  .optional()
  .describe("Where its process dies, as by kill -9.");

const emergency = z
  .strictObject({ reason: z.string().min(1), ticket: z.string().min(1) })
  .optional()
  .describe("Passes by what the environment lets an emergency pass by.");

const of = { at, by, in: environment, name, crash };

const deploy = z
  .strictObject({ ...of, deploy: z.string().min(1).describe("A release."), emergency })
  .describe("Somebody deploys a release.");

const promote = z
  .strictObject({ ...of, promote: label.describe("The environment that it comes from."), emergency })
  .describe("Somebody brings what is proven in one environment to the one that comes after it.");

const rollback = z
  .strictObject({
    ...of,
    rollback: z.string().min(1).describe("A version, or `previous`."),
    reason: z.string().min(1).default("it has to go"),
    emergency,
  })
  .describe("Somebody goes back.");

const restore = z
  .strictObject({
    ...of,
    restore: z
      .string()
      .min(1)
      .describe("A backup, which is called like the deployment that made it: `production-2`; or `newest`."),
    reason: z.string().default("the data has to be what it was"),
    confirm: z.boolean().default(true).describe("Whether they say that what was written since may be lost."),
    emergency,
  })
  .describe("Somebody brings back the data of a backup, and the release that was live then.");

const maintenance = z
  .strictObject({
    ...of,
    maintenance: z.enum(["on", "off"]).describe("Whether visitors are kept out."),
    reason: z.string().default(""),
  })
  .describe("Somebody keeps visitors out, or lets them in again, by hand.");

const resume = z
  .strictObject({
    ...of,
    resume: z
      .enum(["go-on", "done", "not-done"])
      .describe("`done` and `not-done` answer what only a person can tell."),
  })
  .describe("Somebody goes on with what was cut off, or waits for an answer.");

const abort = z
  .strictObject({ ...of, abort: z.string().min(1).describe("Why.") })
  .describe("Somebody takes back what runs, was cut off, or waits for an answer.");

const approve = z
  .strictObject({
    ...{ at, by, in: environment },
    approve: z.string().min(1).describe("A release: the plan that it has now is signed."),
    as: z
      .enum(["deploy", "rollback", "restore"])
      .default("deploy")
      .describe("Which plan: to deploy it, to go back to it, or to bring it back with the data of `backup`."),
    backup: z.string().min(1).default("newest").describe("Of a restore."),
    emergency,
    hours: z.number().positive().max(720).default(24).describe("How long the approval is good."),
  })
  .describe("Somebody signs a plan.");

const reject = z
  .strictObject({ ...{ at, by, in: environment }, reject: z.string().min(1).describe("A release.") })
  .describe("Somebody says no to a plan.");

const kill = z
  .strictObject({ at, kill: person.describe("Whose process dies, as by kill -9.") })
  .describe("A process dies, whatever it is at.");

const pause = z
  .strictObject({ at, pause: person.describe("Whose process stops for a while."), for: duration })
  .describe("A process stops for a while and wakes up, as when a machine sleeps.");

const clockJump = z.strictObject({ at, jump }).describe("The clocks of all machines are set.");

const metricsDown = z
  .strictObject({
    at,
    metricsDown: z.string().min(1).describe("A source of metrics; `target` for the target's own figures."),
    for: duration,
    in: environment,
  })
  .describe("A source of metrics does not answer for a while.");

const refuse = z
  .strictObject({
    at,
    refuse: z
      .string()
      .min(1)
      .describe("The kind of an operation, or how it begins: `set-weight`, `replace-replica api/0`."),
    times: z.int().min(1).max(1000).default(1),
    in: environment,
  })
  .describe("From then on an operation is refused where it is carried out, so many times.");

export const event = z.union(
  [
    ...([deploy, promote, rollback, restore, resume, abort, maintenance] as const),
    ...([approve, reject, kill, pause, clockJump, metricsDown, refuse] as const),
  ],
  {
    error:
      "must be one of deploy, promote, rollback, restore, resume, abort, maintenance, approve, reject, kill, pause, jump, metricsDown " +
      "or refuse, with what belongs to it",
  },
);

export type ScenarioEvent = z.output<typeof event>;
/** What a process is started for. */
export type CommandEvent = z.output<
  | typeof deploy
  | typeof promote
  | typeof rollback
  | typeof restore
  | typeof resume
  | typeof abort
  | typeof maintenance
>;
export type Crash = NonNullable<z.output<typeof crash>>;

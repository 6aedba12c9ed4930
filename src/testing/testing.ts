/** `@fairway/sdk/testing`: what a delivery is tested with. No engine, no network, and no time that has to be waited for. */
export { eventClock, type EventClock } from "./clocks/event-clock.ts";
export { virtualClock, type VirtualClock } from "./clocks/virtual-clock.ts";
export { killedAt, momentsOf, type Moment } from "./faults/killed-at.ts";
export { ledgerMemory, memoryLedger, type LedgerMemory } from "./ledger/memory-ledger.ts";
export { executors, releaseContext, usualTimeouts } from "./release-context.ts";
export { releaseOf } from "./releases.ts";
export { seededRandom } from "./seeded-random.ts";
export {
  simulatedTarget,
  type SimulatedTarget,
  type SimulatedTargetOptions,
  type ReplicaBehaviour,
} from "./target/simulated-target.ts";
export { withVisitors, type Behaviour, type VisitorOptions } from "./target/visitors.ts";
export {
  loadScenario,
  scenarioJsonSchema,
  type CheckedScenario,
  type Scenario,
} from "./scenario/scenario.ts";
export { type CommandEnd, type CommandOutcome } from "./simulation/commands.ts";
export { type JudgedExpectation } from "./simulation/judge.ts";
export { simulate, simulateChecked, type EndedCommand, type Simulation } from "./simulation/simulate.ts";
export { simulationJson, simulationText, type SimulationColours } from "./simulation/text.ts";
export { type TimelineEntry } from "./simulation/timeline.ts";
export {
  simulatedBackups,
  simulatedDatabase,
  type SimulatedBackups,
  type SimulatedDatabase,
} from "./target/simulated-database.ts";
export { crashMatrix, type CrashedRun, type CrashMatrix } from "./faults/crash-matrix.ts";
export { scriptedEngine, type ScriptedEngine, type ScriptedEngineOptions } from "./engine/scripted-engine.ts";
export { type ExecMatcher, type ExecPattern } from "./engine/matcher.ts";
export { type StepAnswer, type StepAnswers } from "./engine/script.ts";
export { pipelineMatchers, type MatcherResult, type PipelineMatchers } from "./engine/expect.ts";
export { fakeRegistry, type FakeRegistry } from "./engine/registry.ts";
export {
  traceMermaid,
  traceText,
  type Around,
  type Trace,
  type TraceEffect,
  type TraceNode,
  type TraceStep,
} from "./engine/trace/trace.ts";

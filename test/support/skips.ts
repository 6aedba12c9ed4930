import type { Reporter, TestModule } from "vitest/node";

/** Says at the end what could not be tested here, and why: a skip that nobody sees looks like a pass. */
export default class Skips implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    for (const [note, names] of Map.groupBy(modules.flatMap(skippedIn), (skipped) => skipped.note)) {
      process.stdout.write(`skipped: ${note}\n`);
      for (const { name } of names) process.stdout.write(`  ${name}\n`);
    }
  }
}

/** Those that `-t` left out have no note. */
function skippedIn(module: TestModule): { readonly name: string; readonly note: string }[] {
  return [...module.children.allTests("skipped")].flatMap((test) => {
    const result = test.result();
    if (result.state !== "skipped" || result.note === undefined) return [];
    return [{ name: `${module.relativeModuleId} > ${test.fullName}`, note: result.note }];
  });
}

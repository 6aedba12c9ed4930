import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "@dagger.io/dagger";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { propertyRuns } from "../support/property-runs.ts";
import { refusalOf, testEngine, type TestEngine } from "./support/engine.ts";
import { asked, done, empty, patterns, treeOf, type Operation } from "./support/on-disk.ts";

let engine: TestEngine;
let dag: Client;
beforeAll(async () => {
  engine = await testEngine();
  dag = await engine.client();
});
afterAll(() => engine[Symbol.asyncDispose]());

// Few names, so that operations meet.
const name = fc.constantFrom("a", "b", "c.txt", ".d", "ü e");
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join("/"));
const linkPath = path.map((at) => `${at}.link`);
const from = fc.oneof({ weight: 4, arbitrary: path }, { weight: 1, arbitrary: fc.constant(".") });
// Whoever tests as an ordinary user can read and enter what he made.
const fileMode = fc.constantFrom(0o644, 0o600, 0o755, 0o640);
const folderMode = fc.constantFrom(0o755, 0o700, 0o750);
const pattern = fc
  .tuple(fc.boolean(), fc.constantFrom(...Object.keys(patterns)))
  .map(([takesBack, text]) => (takesBack ? `!${text}` : text));
const selection = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.uniqueArray(pattern, { minLength: 1, maxLength: 3 }) },
);

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    ...{ kind: fc.constant("file" as const), path, mode: fileMode },
    text: fc.string({ unit: "grapheme", maxLength: 5 }),
  }),
  fc.record({ kind: fc.constant("folder" as const), path, mode: folderMode }),
  fc.record({ kind: fc.constant("link" as const), path: linkPath, target: path }),
  fc.record(
    { kind: fc.constant("copy-file" as const), from: path, path, mode: fileMode },
    { requiredKeys: ["kind", "from", "path"] },
  ),
  fc.record({
    kind: fc.constant("copy-folder" as const),
    from,
    path,
    include: selection,
    exclude: selection,
  }),
  fc.record({
    ...{ kind: fc.constant("remove" as const), path: fc.oneof(path, linkPath) },
    as: fc.constantFrom("file" as const, "folder" as const),
  }),
);

let chains = 0;

it.for(["in memory", "on layers"] as const)(
  "a chain of operations on a directory %s leaves what cp, mkdir and rm leave on a disk",
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 3, maxLength: 14 }), async (chain) => {
        const place = join(engine.workdir, `chain-${String(++chains)}`);
        await mkdir(join(place, "disk"), { recursive: true });
        let directory = await empty(dag, kind);
        let refused = 0;
        for (const each of chain) {
          const could = await done(join(place, "disk"), each);
          if (could === true) directory = asked(directory, each);
          else if (could === false && refused++ === 0) await refusalOf(asked(directory, each).sync());
        }
        await directory.export(join(place, "engine"));
        expect(await treeOf(join(place, "engine"))).toEqual(await treeOf(join(place, "disk")));
      }),
      propertyRuns(kind === "in memory" ? 15 : 4),
    );
  },
);

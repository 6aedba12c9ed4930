/**
 * `npm run api-coverage`: finds out which field each conformance case asks for that answers as recorded, and which the
 * engine's own tests ask for; writes test/conformance/fields.json, and the page that is made of it.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format } from "prettier";
import { engineSchema } from "../../src/engine/schema/schema.ts";
import { compare, readOutcomes } from "../conformance/outcomes.ts";
import { runCorpus } from "../conformance/run-corpus.ts";
import { fieldsOf } from "./fields.ts";
import { testedFields } from "./tested.ts";
import { writePage } from "./page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const corpus = join(root, "test/conformance/corpus");
const schema = engineSchema();

const scratch = await mkdtemp(join(tmpdir(), "fairway-coverage-"));
const file = join(scratch, "queries.json");
const mine = await runCorpus(corpus, ["--jobs", "1"], {
  NODE_OPTIONS: `--import ${new URL("trace.ts", import.meta.url).href}`,
  FAIRWAY_TRACE_FILE: file,
});
const queriesOf = JSON.parse(await readFile(file, "utf8")) as Record<string, string[]>;
await rm(scratch, { recursive: true, force: true });

const proofs = new Map<string, string>();
const recorded = readOutcomes(join(corpus, "recorded.json"));
for (const [name, queries] of Object.entries(queriesOf)) {
  const outcome = recorded.get(name);
  if (outcome === undefined || compare(outcome, mine.get(name)) !== "same") continue;
  for (const field of queries.flatMap((query) => [...fieldsOf(query, schema)])) {
    if (!proofs.has(field)) proofs.set(field, name);
  }
}
for (const [field, test] of testedFields(root)) if (!proofs.has(field)) proofs.set(field, test);

const sorted = Object.fromEntries([...proofs].sort(([a], [b]) => (a < b ? -1 : 1)));
await writeFile(
  join(root, "test/conformance/fields.json"),
  await format(JSON.stringify(sorted), { parser: "json", printWidth: 110 }),
);
writePage(root);

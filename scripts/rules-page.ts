/** `node scripts/rules-page.ts` writes the table of rules in docs/migrations.md; with `--check` it says whether that is as it would be. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rulesMarkdown } from "../src/report/migrations/migrations.ts";

const path = fileURLToPath(new URL("../docs/migrations.md", import.meta.url));
const [begin, end] = ["<!-- rules: written by npm run rules-page -->", "<!-- end of the rules -->"];

const page = readFileSync(path, "utf8");
const [before, rest = ""] = page.split(begin);
const [, after] = rest.split(end);
if (before === undefined || after === undefined) throw new Error(`${path} has no ${begin} ... ${end}`);
const wanted = `${before}${begin}\n\n${rulesMarkdown()}\n\n${end}${after}`;

if (!process.argv.includes("--check")) writeFileSync(path, wanted);
else if (page !== wanted) {
  process.stderr.write("docs/migrations.md does not list the rules as they are: npm run rules-page\n");
  process.exitCode = 1;
}

import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { noOutsideWorld, outsideWorld } from "../../support/outside-world.ts";
import { fakeOsv } from "./support/fake-osv.ts";
import { npmLockfile, scannedRepository } from "./support/scanned.ts";

const hasGo = spawnSync("go", ["version"]).status === 0;
const suppressions = `
- rule: CVE-2021-23337
  package: lodash
  reason: Our templates are constants
  owner: ada@example.com
  until: 2099-01-31
`;

it("osv-scanner, built from its source, asks a loopback osv.dev: what it finds, what it cannot read, and no answer", async ({
  skip,
}) => {
  if (!hasGo) skip("no go on this machine, which builds osv-scanner");
  if (noOutsideWorld !== undefined) skip(noOutsideWorld);
  const osv = fakeOsv();
  await using outside = await outsideWorld(
    { "api.osv.dev": osv.answer },
    { through: /^(?!.*(osv|deps)\.dev$)/ },
  );
  await using repository = await scannedRepository("osv-scanner", outside.variables);

  const nothing = await repository.fairway("check");
  expect(nothing.exitCode, nothing.output).toBe(3);
  expect(nothing.output).toContain("osv-scanner has nothing to ask about");
  expect(nothing.output).toContain("Commit a lockfile");

  await repository.write("package-lock.json", npmLockfile({ "left-pad": "1.3.0" }));
  const clean = await repository.fairway("check");
  expect(clean.exitCode, clean.output).toBe(0);
  expect(osv.asked).toEqual([{ package: { name: "left-pad", ecosystem: "npm" }, version: "1.3.0" }]);

  // As it would not be looked at by itself: it may be committed all the same.
  await repository.write(".gitignore", "node_modules\n.fairway\npackage-lock.json\n");
  await repository.write("package-lock.json", npmLockfile({ "left-pad": "1.3.0", lodash: "4.17.20" }));
  const found = await repository.fairway("check");
  expect(found.exitCode, found.output).toBe(1);
  expect(found.output).toContain("Command Injection in lodash (CVE-2021-23337)");
  expect(found.output).toContain("lodash 4.17.20; fixed in 4.17.21");

  // Its exit code says the same as above: that another lockfile was not read stands in its log alone.
  await repository.write("fairway.suppressions.yaml", suppressions);
  await repository.write("other/package-lock.json", "{ not json");
  const unread = await repository.fairway("check");
  expect(unread.exitCode, unread.output).toBe(3);
  expect(unread.output).toContain("it did not look at everything");
  expect(unread.output).toMatch(/Error during extraction: .*other\/package-lock\.json/);

  await repository.write("other/package-lock.json", npmLockfile({}));
  const suppressed = await repository.fairway("check");
  expect(suppressed.exitCode, suppressed.output).toBe(0);

  osv.isSilent = true;
  await repository.write("package-lock.json", npmLockfile({ "left-pad": "1.2.0" }));
  await repository.write("fairway.suppressions.yaml", "[]\n");
  const unanswered = await repository.fairway("check");
  expect(unanswered.exitCode, unanswered.output).toBe(3);
  expect(unanswered.output).toContain("osv-scanner got no answer: error when retrieving vulns");
  expect(unanswered.output).toContain("Can api.osv.dev be reached from here?");
  expect([...outside.refused]).toEqual([]);
});

import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withPeople } from "../e2e/support/people.ts";
import { repositoryOf } from "../e2e/support/repository.ts";
import { noSshKeygen } from "../support/ssh-keygen.ts";

const config = `name: tiny
services:
  web:
    dockerfile: Dockerfile
    port: 3000
    ready: /health
    startupTimeoutSeconds: 10
environments:
  local:
    target: local
  production:
    target: local
    after: local
    windows: [__WINDOW__]
    checklist: [{ name: dashboards, confirm: error rate and latency are as usual }]
    approvals: { required: 1 }
    emergency: { skips: [windows] }
`;

test(
  "a release is proven, held by a window and for people, signed, and goes to production by its very images",
  async ({ skip }) => {
    skip(noSshKeygen !== null, noSshKeygen ?? "");
    await using repository = await repositoryOf("tiny");
    const keys = await withPeople(repository, "ada", "grace");
    const closed = "Mon-Sun 00:00-00:01 Etc/GMT+12";
    await repository.write("fairway.yaml", config.replace("__WINDOW__", JSON.stringify(closed)));
    await repository.write("README.md", "tiny\n");
    const version = repository.commit("feat: two environments");

    const early = await repository.fairway("promote", "--from", "local", "--to", "production");
    expect(early.output).toContain("nothing is live in local");
    expect(early.exitCode).toBe(1);

    const proven = await repository.fairway("deploy", "--env", "local");
    expect(proven.output).toContain(`${version} is live in local`);

    // Held by both gates; an emergency passes by the window, and is asked of people all the same.
    const held = await repository.fairway("promote", "--from", "local", "--to", "production");
    expect(held.exitCode).toBe(3);
    expect(held.output).toMatch(
      /windows: .*\nchecklist: dashboards: nobody who approves .*\napprovals: 1 more approval/,
    );
    const urgent = ["--emergency", "--reason", "Service outage", "--ticket", "INC-42"];
    const incomplete = await repository.fairway(
      "promote",
      "--from",
      "local",
      "--to",
      "production",
      "--emergency",
    );
    expect(incomplete).toMatchObject({ exitCode: 2 });
    expect(incomplete.output).toContain("an emergency has a reason and a ticket");

    const planned = await repository.fairway(
      ...["plan", "--env", "production", "--from", "local", "--out", "plan.json", ...urgent],
    );
    expect(planned.output).toContain("passed by: emergency, INC-42: Service outage");
    const { plan } = JSON.parse(await readFile(join(repository.path, "plan.json"), "utf8")) as {
      plan: { release: { services: { image: string }[] } };
    };
    expect(proven.output).toContain(plan.release.services[0]!.image.slice(-64));

    // Ada asked for it, and wrote it: hers does not count.
    const apply = ["promote", "--from", "local", "--to", "production", "--plan", "plan.json", ...urgent];
    const unseen = await repository.fairway("approve", "plan.json", "--key", keys["ada"]!);
    expect(unseen).toMatchObject({ exitCode: 2 });
    expect(unseen.output).toContain("npx fairway approve plan.json --confirm");
    await repository.fairway("approve", "plan.json", "--confirm", "--key", keys["ada"]!);
    const own = await repository.fairway(...apply);
    expect(own.exitCode).toBe(3);
    expect(own.output).toContain("1 more approval");
    const signed = await repository.fairway(
      "approve",
      "plan.json",
      "--confirm",
      "--key",
      keys["grace"]!,
      "--reason",
      "seen",
    );
    expect(signed.output).toMatch(/approved: plan sha256:[0-9a-f]{64} for production/);
    const live = await repository.fairway(...apply);
    expect(live.output).toContain(`${version} is live in production`);
    expect(live.exitCode).toBe(0);

    const proof = await repository.fairway("verify", "--env", "production");
    expect(proof.exitCode, proof.output).toBe(0);
    const record = await repository.fairway("record", "--deployment", "production-1", "--format", "markdown");
    expect(record.output).toContain("confirmed by grace@example.com: error rate and latency are as usual");
    expect(record.output).toContain("INC-42");

    // The plan has been applied: it can never be applied again.
    const again = await repository.fairway(...apply);
    expect(again).toMatchObject({ exitCode: 3 });
    expect(again.output).toContain("the plan is not about production as it is now");
    // A commit cannot lift the rules that it is judged by: those of the proven one count.
    await repository.write(
      "fairway.yaml",
      config.replace("__WINDOW__", JSON.stringify(closed)).replace(/ {4}(checklist|approvals): .*\n/g, ""),
    );
    await repository.write("greeting.js", 'export const greeting = () => "hello from tiny";\n// two\n');
    repository.commit("feat: nobody has to approve");
    await repository.fairway("deploy", "--env", "local");
    const lifted = await repository.fairway("promote", "--from", "local", "--to", "production", ...urgent);
    expect(lifted.exitCode).toBe(3);
    expect(lifted.output).toContain("1 more approval");

    await repository.fairway("down", "--env", "production", "--remove-data");
    for (const key of Object.values(keys)) spawnSync("rm", ["-f", key, `${key}.pub`]);
  },
  // Eighteen commands: a busy machine takes its time.
  180_000,
);

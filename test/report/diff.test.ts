import { expect, it } from "vitest";
import { diffText } from "../../src/report/diff.ts";
import type { DeploymentSummary } from "../../src/release/state.ts";
import { releaseOf } from "../support/releases.ts";

const deployment = (id: string, release: DeploymentSummary["release"]) =>
  ({ id, release }) as unknown as DeploymentSummary;

it("a diff names images, settings, migrations and commits", () => {
  const from = releaseOf("4f2a9c1", ["api"]);
  const to = { ...releaseOf("77e0b21", ["api", "web"], { replicas: 3 }), migrations: ["2_reviews"] };
  const commit = {
    commit: "77e0b21".padEnd(40, "0"),
    subject: "feat: reviews",
    author: { name: "Grace", email: "grace@example.com" },
    coAuthors: [],
  };
  expect(diffText({ from: deployment("local-1", from), to: deployment("local-2", to), commits: [commit] }))
    .toMatchInlineSnapshot(`
    "local-1 (4f2a9c1) -> local-2 (77e0b21)

      api image            127.0.0.1:5000/shop/api@sha256:346632613963  ->  127.0.0.1:5000/shop/api@sha256:373765306232
      api replicas         2                                            ->  3
      web                  -                                            ->  127.0.0.1:5000/shop/web@sha256:373765306232
      migration 2_reviews  -                                            ->  applied

    commits
      77e0b21  Grace  feat: reviews"
  `);
});

it("a diff of the same says so, and does not hide that it cannot know the commits", () => {
  const same = releaseOf("4f2a9c1", ["api"]);
  const text = diffText({
    from: deployment("local-1", same),
    to: deployment("local-2", same),
    commits: null,
  });
  expect(text).toContain("the same images, settings and migrations");
  expect(text).toContain("the history of this clone does not reach both");
});

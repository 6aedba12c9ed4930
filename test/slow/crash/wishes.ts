import type { Release } from "../../../src/model/plan.ts";
import { readState, release, restore, type ReleaseContext } from "../../../src/release/release.ts";
import { release as localRelease, service } from "../../providers/targets/local/fixtures.ts";
import { releaseOf } from "../../support/releases.ts";

/** What a process is told to do: deploy a version, or bring back the database from before the newest migration. */
export type Wish = { readonly deploy: "v1" | "v2" } | "restore";

export async function carryOut(wish: Wish, context: ReleaseContext) {
  return wish === "restore"
    ? restore(context, { reason: "The reviews are gone", backup: "", confirm: true })
    : deploy(wish.deploy, context);
}

/** v2 has one migration more. */
async function deploy(version: "v1" | "v2", context: ReleaseContext) {
  const migrations = ["1_init", ...(version === "v1" ? [] : ["2_reviews"])];
  return release(
    {
      release: { ...releaseTo(context.target.kind, version), migrations },
      migrations: migrations.map((name) => ({ name, phase: "expand" })),
      smoke: [{ service: "api", path: "/", status: 200, contains: null }],
      tags: [{ image: "127.0.0.1:5000/shop/api@sha256:0", tag: version }],
      standIns: [],
      after: (await readState(context)).lastChange,
    },
    context,
  );
}

function releaseTo(kind: string, version: string): Release {
  return kind === "gitops"
    ? releaseOf(version)
    : localRelease(version, service({ variables: { GREETING: version } }));
}

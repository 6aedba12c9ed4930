import type { Release } from "../../../src/model/plan.ts";
import { readState, release, restore, type ReleaseContext } from "../../../src/release/release.ts";
import { release as localRelease, service } from "../../providers/targets/local/fixtures.ts";
import { releaseOf } from "../../support/releases.ts";

/** What a process is told to do: deploy a version, or bring back the database from before the newest migration. */
export type Wish = { readonly deploy: Version } | "restore";

/** v2 has one migration more; v3 too, and answers 500 once it has run for a moment. */
type Version = "v1" | "v2" | "v3";

export async function carryOut(wish: Wish, context: ReleaseContext) {
  return wish === "restore"
    ? restore(context, { reason: "The reviews are gone", backup: "", confirm: true })
    : deploy(wish.deploy, context);
}

async function deploy(version: Version, context: ReleaseContext) {
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

function releaseTo(kind: string, version: Version): Release {
  if (kind === "gitops") return releaseOf(version);
  const sound = version === "v3" ? { SOUND_MS: "1500" } : {};
  return localRelease(version, service({ variables: { GREETING: version, ...sound } }));
}

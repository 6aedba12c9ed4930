import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { git, gitBackend } from "../../../support/git-http-server.ts";

export interface FakeRustSec extends AsyncDisposable {
  /** It answers that it cannot. */
  isSilent: boolean;
  /** `/RustSec/advisory-db.git`, of whichever host it stands for. */
  readonly answer: RequestListener;
}

/** The advisory database with one advisory, as https://github.com/RustSec/advisory-db has them. */
export async function fakeRustSec(): Promise<FakeRustSec> {
  const root = await mkdtemp(join(tmpdir(), "fairway-rustsec-"));
  const written = join(root, "written");
  await mkdir(join(written, "crates/tidepool"), { recursive: true });
  await writeFile(join(written, "crates/tidepool/RUSTSEC-2026-0001.md"), advisory);
  git(written, "init", "--quiet", "--initial-branch=main");
  git(written, "add", "--all");
  git(written, "commit", "--quiet", "--message", "One advisory");
  git(root, "clone", "--quiet", "--bare", written, join(root, "RustSec/advisory-db.git"));
  const backend = gitBackend(root);
  const database: FakeRustSec = {
    isSilent: false,
    answer: (request, response) => {
      if (database.isSilent) response.writeHead(503).end("unavailable");
      else backend(request, response);
    },
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
  return database;
}

const advisory = `\`\`\`toml
[advisory]
id = "RUSTSEC-2026-0001"
package = "tidepool"
date = "2026-01-08"
aliases = ["CVE-2026-10001"]
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
categories = ["memory-corruption"]

[versions]
patched = [">= 1.6.1"]
\`\`\`

# Buffer overflow in Pool::fill

\`Pool::fill\` writes behind the end of its buffer.
`;

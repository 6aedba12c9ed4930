import { expect, it } from "vitest";
import { gitServerMissing } from "../support/git-http-server.ts";
import { noSshKeygen } from "../support/ssh-keygen.ts";
import { toldDemo } from "../support/told-demo.ts";

const missing = gitServerMissing() ?? noSshKeygen ?? undefined;

it.skipIf(missing !== undefined)(
  `npm run demo:promotion keeps every promise, and leaves nothing behind${missing === undefined ? "" : ` (${missing})`}`,
  async () => {
    const output = await toldDemo("promotion");
    for (const promise of ["production-2", "does not count", "in the middle of an operation", "record.html"])
      expect(output).toContain(promise);
    expect(output).not.toMatch(/the-token-of|postgresql:\/\/[^*]/);
  },
);

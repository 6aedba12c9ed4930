import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { json } from "node:stream/consumers";

export interface Question {
  readonly package: { readonly name: string; readonly ecosystem: string };
  readonly version: string;
}

export interface FakeOsv {
  readonly asked: Question[];
  /** It answers that it cannot. */
  isSilent: boolean;
  readonly answer: RequestListener;
}

/** As api.osv.dev has it: https://google.github.io/osv.dev/post-v1-querybatch/ and https://google.github.io/osv.dev/get-v1-vulns/ */
export function fakeOsv(): FakeOsv {
  const osv: FakeOsv = {
    asked: [],
    isSilent: false,
    answer: (request, response) => void answer(osv, request, response),
  };
  return osv;
}

async function answer(osv: FakeOsv, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("content-type", "application/json");
  if (osv.isSilent) response.writeHead(503).end(JSON.stringify({ code: 14, message: "unavailable" }));
  else if (request.url === "/v1/querybatch") {
    const { queries } = (await json(request)) as { queries: Question[] };
    osv.asked.push(...queries);
    const results = queries.map((query) =>
      query.package.name === "lodash" && query.version === "4.17.20"
        ? { vulns: [{ id: lodash.id, modified: lodash.modified }] }
        : {},
    );
    response.end(JSON.stringify({ results }));
  } else if (request.url === `/v1/vulns/${lodash.id}`) response.end(JSON.stringify(lodash));
  else response.writeHead(404).end(JSON.stringify({ code: 5, message: "Bug not found." }));
}

const lodash = {
  schema_version: "1.7.3",
  id: "GHSA-35jh-r3h4-6jhm",
  modified: "2026-02-04T03:00:00Z",
  published: "2021-05-06T16:05:51Z",
  aliases: ["CVE-2021-23337"],
  summary: "Command Injection in lodash",
  details:
    "`lodash` versions prior to 4.17.21 are vulnerable to Command Injection via the template function.",
  severity: [{ type: "CVSS_V3", score: "CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:H/I:H/A:H" }],
  affected: [
    {
      package: { ecosystem: "npm", name: "lodash", purl: "pkg:npm/lodash" },
      ranges: [{ type: "SEMVER", events: [{ introduced: "0" }, { fixed: "4.17.21" }] }],
    },
  ],
  references: [{ type: "ADVISORY", url: "https://nvd.nist.gov/vuln/detail/CVE-2021-23337" }],
  database_specific: { cwe_ids: ["CWE-77", "CWE-94"], severity: "HIGH", github_reviewed: true },
};

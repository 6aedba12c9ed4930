import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { environments, type Servers } from "./servers.ts";

/** What a story needs of production that a team would not want: it cannot wait for an hour, nor for Monday. */
export const hurry = {
  production: {
    standIns: "allowed",
    soakMinutes: 1,
    windows: ["Mon-Sun all-day UTC"],
    freezes: [],
  },
} as const;

/** Writes the addresses of the servers over those of the shop's fairway.yaml that end in .example. */
export async function writeAddresses(
  repository: string,
  servers: Servers,
  more: Partial<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<void> {
  const file = join(repository, "fairway.yaml");
  const config = parseDocument(await readFile(file, "utf8"));
  config.setIn(["registry"], { url: servers.registry });
  for (const name of environments) {
    const gitops = ["environments", name, "target", "gitops"];
    config.setIn([...gitops, "repository"], servers.git.url("manifests"));
    config.setIn([...gitops, "argocd", "url"], servers.argocd[name].url);
    config.setIn([...gitops, "urls"], { api: servers.shop, web: servers.shop });
    config.setIn([...gitops, "pollSeconds"], 1);
  }
  for (const [name, fields] of Object.entries(more)) {
    for (const [key, value] of Object.entries(fields ?? {})) {
      config.setIn(["environments", name, key], config.createNode(value));
    }
  }
  await writeFile(file, config.toString({ lineWidth: 0 }));
}

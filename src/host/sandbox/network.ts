import { statSync } from "node:fs";
import type { SandboxMount } from "./sandbox.ts";

const proxyNames = ["http_proxy", "https_proxy", "no_proxy", "all_proxy"];
const certificateNames = ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"];

/**
 * What this machine needs to reach its network, as the real engine hands it to its steps too: proxies, and bundles
 * of certificate authorities. Nothing else of the environment.
 */
export function networkVariables(environment: NodeJS.ProcessEnv): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const name of proxyNames.flatMap((lower) => [lower, lower.toUpperCase()])) {
    const value = environment[name];
    if (value !== undefined && value !== "") variables[name] = value;
  }
  for (const name of certificateNames) {
    const value = environment[name];
    if (value?.startsWith("/") === true && isFile(value)) variables[name] = value;
  }
  return variables;
}

/** Shows the bundles inside at the path that they have here. Those that the filesystem has anyway need no mount. */
export function certificateMounts(
  variables: Readonly<Record<string, string>>,
  isInside: (path: string) => boolean,
): SandboxMount[] {
  const paths = new Set(certificateNames.map((name) => variables[name]).filter((path) => path !== undefined));
  return [...paths]
    .filter((path) => isFile(path) && !isInside(path))
    .map((path) => ({ kind: "bind", target: path, source: path, readOnly: true }));
}

/** The lines of /etc/hosts: this machine, then the names that the run was given. */
export function hostsFile(hosts: Readonly<Record<string, string>>, hostname: string): string {
  const lines = ["127.0.0.1 localhost", "::1 localhost ip6-localhost ip6-loopback"];
  if (!(hostname in hosts)) lines.push(`127.0.0.1 ${hostname}`);
  for (const [name, address] of Object.entries(hosts)) lines.push(`${address} ${name}`);
  return `${lines.join("\n")}\n`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

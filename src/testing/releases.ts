import type { Release, ServiceRelease } from "../model/plan.ts";

function serviceRelease(name: string, fields: Partial<ServiceRelease> = {}): ServiceRelease {
  return {
    name,
    image: `127.0.0.1:5000/shop/${name}@sha256:${"a".repeat(64)}`,
    port: 3000,
    replicas: 2,
    variables: {},
    secretNames: [],
    probes: { startup: null, ready: "/ready", live: null, startupTimeoutSeconds: 10 },
    drainSeconds: 1,
    needs: [],
    ...fields,
  };
}

/** A release whose images are its own: another version is another image. */
export function releaseOf(
  version: string,
  services = ["api", "web"],
  fields: Partial<ServiceRelease> = {},
): Release {
  const digest = Buffer.from(version.padEnd(32, "0")).toString("hex").slice(0, 64);
  return {
    version,
    commit: version.padEnd(40, "0"),
    branch: "main",
    migrations: [],
    services: services.map((name) =>
      serviceRelease(name, { image: `127.0.0.1:5000/shop/${name}@sha256:${digest}`, ...fields }),
    ),
  };
}

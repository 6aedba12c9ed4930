import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Trivy's database as an artifact of a registry: one layer with trivy.db and metadata.json, of which
 * https://trivy.dev/docs/latest/configuration/db/ tells. It knows one vulnerability, of lodash.
 * @returns why there is none, as `reason`
 */
export function fakeTrivyDb(): { readonly answer: RequestListener } | { readonly reason: string } {
  const folder = mkdtempSync(join(tmpdir(), "fairway-trivy-db-"));
  try {
    const written = spawnSync("go", ["run", ".", join(folder, "trivy.db")], {
      cwd: join(import.meta.dirname, "trivy-db"),
    });
    if (written.status !== 0) return { reason: `Go cannot write a database: ${written.stderr.toString()}` };
    writeFileSync(join(folder, "metadata.json"), metadata(new Date()));
    const layer = join(folder, "db.tar.gz");
    spawnSync("tar", ["--create", "--gzip", "--file", layer, "trivy.db", "metadata.json"], { cwd: folder });
    return { answer: registry(readFileSync(layer)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function metadata(now: Date): string {
  const tomorrow = new Date(now.getTime() + 24 * 60 * 60_000);
  return JSON.stringify({ Version: 2, NextUpdate: tomorrow.toISOString(), UpdatedAt: now.toISOString() });
}

/** Answers https://github.com/opencontainers/distribution-spec for that one artifact, whatever it is called. */
function registry(layer: Buffer): RequestListener {
  const config = Buffer.from("{}");
  const about = (mediaType: string, bytes: Buffer) => ({
    ...{ mediaType, digest: digestOf(bytes), size: bytes.length },
  });
  const manifest = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: manifestType },
      config: about("application/vnd.aquasec.trivy.config.v1+json", config),
      layers: [
        {
          ...about("application/vnd.aquasec.trivy.db.layer.v1.tar+gzip", layer),
          annotations: { "org.opencontainers.image.title": "db.tar.gz" },
        },
      ],
    }),
  );
  return ({ url = "", method }, response) => {
    const send = (bytes: Buffer, type: string) => {
      const headers = { "content-type": type, "content-length": bytes.length };
      response.writeHead(200, { ...headers, "docker-content-digest": digestOf(bytes) });
      response.end(method === "HEAD" ? undefined : bytes);
    };
    const blob = [config, layer].find((bytes) => url.endsWith(`/blobs/${digestOf(bytes)}`));
    if (url === "/v2/") send(config, "application/json");
    else if (/\/manifests\/(2|sha256:\w+)$/.test(url)) send(manifest, manifestType);
    else if (blob !== undefined) send(blob, "application/octet-stream");
    else response.writeHead(404).end();
  };
}

const manifestType = "application/vnd.oci.image.manifest.v1+json";

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

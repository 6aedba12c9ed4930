import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { startRegistryServer } from "../../../src/host/registry/registry.ts";
import { testEngine } from "../../engine/support/engine.ts";

it("a step on a Debian of its own, pulled from a registry, sees that Debian and none of this machine's programs", async (context) => {
  if (process.geteuid?.() !== 0) return context.skip("debootstrap needs root");
  const place = await mkdtemp(join(tmpdir(), "fairway-debian-"));
  // apt downloads as a user of its own.
  await chmod(place, 0o755);
  try {
    const missing = await bootstrap(place);
    if (missing !== undefined) return context.skip(missing);
    const registry = await startRegistryServer({ root: join(place, "registry") });
    try {
      const address = `${registry.address}/debian:own`;
      await using publisher = await testEngine();
      await publisher.with((dag) =>
        dag
          .container()
          .withRootfs(dag.host().directory(join(place, "debian")))
          .withEnvVariable("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
          .publish(address),
      );
      await using engine = await testEngine({ images: "pull" });
      const step = engine.with((dag) =>
        dag
          .container()
          .from(address)
          .withExec([
            "sh",
            "-c",
            "cat /etc/debian_version; dpkg-query -f '${Package}\n' -W | wc -l; command -v node; ls -A /usr/local/bin",
          ])
          .stdout(),
      );
      const version = await readFile(join(place, "debian/etc/debian_version"), "utf8");
      const packages = (await readdir(join(place, "debian/var/lib/dpkg/info"))).filter((name) =>
        name.endsWith(".list"),
      );
      expect(await step).toBe(`${version}${String(packages.length)}\n`);
    } finally {
      await registry.close();
    }
  } finally {
    await rm(place, { recursive: true, force: true });
  }
});

/** A minimal Debian in `place`/debian; the reason where this machine cannot make one. */
async function bootstrap(place: string): Promise<string | undefined> {
  const sources = await execa(
    "apt-get",
    ["indextargets", "--format", "$(SITE) $(RELEASE)", "Created-By: Packages"],
    { reject: false },
  );
  const [mirror, release] =
    sources.stdout
      .split("\n")
      .find((line) => /debian\/? /.test(line) && !line.includes("security"))
      ?.split(" ") ?? [];
  if (mirror === undefined || release === undefined)
    return "this machine has no Debian mirror in its apt sources";
  const got = await execa("apt-get", ["download", "debootstrap"], { cwd: place, reject: false });
  const [archive] = (await readdir(place)).filter((name) => name.endsWith(".deb"));
  if (got.failed || archive === undefined)
    return `debootstrap cannot be had from Debian's packages: ${got.stderr}`;
  await execa("dpkg-deb", ["-x", join(place, archive), join(place, "tool")]);
  const made = await execa(
    join(place, "tool/usr/sbin/debootstrap"),
    ["--variant=minbase", release, join(place, "debian"), mirror],
    { env: { DEBOOTSTRAP_DIR: join(place, "tool/usr/share/debootstrap") }, reject: false },
  );
  return made.failed
    ? `debootstrap cannot make a Debian here: ${made.stdout.split("\n").slice(-2).join(" ")}`
    : undefined;
}

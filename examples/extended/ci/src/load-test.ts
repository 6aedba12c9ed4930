import type { Client, Directory } from "@dagger.io/dagger";

/** Builds the shop, starts it beside a visitor, and asks so often; throws where it did not answer each time. */
export async function loadTest(dag: Client, source: Directory, requests: number): Promise<string> {
  const shop = source.dockerBuild().asService();
  return dag
    .container()
    .from("node:24-slim")
    .withServiceBinding("shop", shop)
    .withFile("/load.mjs", source.file("load/load.mjs"))
    .withExec(["node", "/load.mjs", "http://shop:3000/lantern", String(requests)])
    .stdout();
}

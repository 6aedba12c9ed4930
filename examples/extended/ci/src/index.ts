import { argument, check, dag, func, object, type Directory, type Secret } from "@dagger.io/dagger";
import { asEngineError } from "@fairway/sdk";
import { loadTest } from "./load-test.ts";
import { shop } from "./shop.ts";

/** Delivers the shop */
@object()
export class Shop {
  private source: Directory;
  private secrets?: Secret;
  private ref: string;

  /**
   * @param source The shop's repository
   * @param secrets A dotenv document with the values of the secrets
   * @param ref The branch or tag that is checked out, where the commit is detached
   */
  constructor(
    @argument({ defaultPath: "/", ignore: ["**/node_modules", "**/.fairway"] }) source: Directory,
    secrets?: Secret,
    ref: string = "",
  ) {
    this.source = source;
    if (secrets !== undefined) this.secrets = secrets;
    this.ref = ref;
  }

  /**
   * Run the checks: lint, unit tests, and the licences of all packages
   *
   * @param only Names of the checks to run; all of them when none is named
   */
  @func({ cache: "never" })
  @check()
  async check(only: string[] = []): Promise<string> {
    return asEngineError(dag, () => this.shop().check(only));
  }

  /**
   * Ask the shop for a price, many times at once, before it is anywhere
   *
   * @param requests How many requests
   */
  @func()
  async load(requests: number = 200): Promise<string> {
    return asEngineError(dag, () => loadTest(dag, this.source, requests));
  }

  /**
   * Deploy the shop, when it answers each of many requests
   *
   * @param env The environment
   */
  @func({ cache: "never" })
  async deploy(env: string): Promise<string> {
    return asEngineError(dag, async () => {
      const load = await loadTest(dag, this.source, 200);
      return `${load.trim()}\n${await this.shop().deploy(env)}`;
    });
  }

  /**
   * Go back to the release before the live one
   *
   * @param env The environment
   */
  @func({ cache: "never" })
  async rollback(env: string): Promise<string> {
    return asEngineError(dag, () => this.shop().rollback(env));
  }

  /**
   * Show what is live
   *
   * @param env The environment; all of them when it is left out
   */
  @func({ cache: "never" })
  async status(env: string = ""): Promise<string> {
    return asEngineError(dag, () => this.shop().status(env));
  }

  /**
   * Stop everything that runs in an environment
   *
   * @param env The environment
   */
  @func({ cache: "never" })
  async down(env: string): Promise<string> {
    return asEngineError(dag, () => this.shop().down(env));
  }

  private shop() {
    return shop.with(dag, { source: this.source, secrets: this.secrets, ref: this.ref });
  }
}

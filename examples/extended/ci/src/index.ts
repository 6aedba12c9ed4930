import { argument, check, dag, func, object, type Directory, type Secret } from "@dagger.io/dagger";
import { asEngineError } from "@fairway/sdk";
import { shop } from "./shop.ts";

/** Delivers the shop */
@object()
export class Shop {
  private source: Directory;
  private secrets?: Secret;

  /**
   * @param source The shop's repository
   * @param secrets A dotenv document with the values of the secrets
   */
  constructor(
    @argument({ defaultPath: "/", ignore: ["**/node_modules", "**/.fairway", "**/.turbo"] })
    source: Directory,
    secrets?: Secret,
  ) {
    this.source = source;
    if (secrets !== undefined) this.secrets = secrets;
  }

  /** Run the checks */
  @func({ cache: "never" })
  @check()
  async check(): Promise<string> {
    return asEngineError(dag, () => this.shop().check());
  }

  /**
   * Count the files of the source first: the team's own function; then deploy
   *
   * @param env The environment
   */
  @func({ cache: "never" })
  async deploy(env: string): Promise<string> {
    const files = (await this.source.glob("**")).length;
    const answer = await asEngineError(dag, () => this.shop().deploy(env));
    return `${files} files looked at.\n${answer}`;
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
    return shop.with(dag, { source: this.source, secrets: this.secrets });
  }
}

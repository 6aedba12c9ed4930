import type { DependencyAnswer, DependencyQuestion } from "../../model/dependency.ts";
import { cutOff } from "./cut-off.ts";
import { reasonOf } from "./words.ts";

/** Whether a PostgreSQL server lets this user in and answers. */
export async function askDatabase(
  url: string,
  { timeoutMs, signal }: Pick<DependencyQuestion, "timeoutMs" | "signal">,
): Promise<DependencyAnswer> {
  // The driver fills in what a text lacks, and would ask this machine's own server.
  if (!/^postgres(ql)?:$/.test(URL.parse(url)?.protocol ?? ""))
    return { verdict: "fail", says: "its URL is not that of a PostgreSQL database", lasting: true };
  const { default: pg } = await import("pg");
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: "fairway",
  });
  // A connection that breaks later is told here, too; without a listener it would end the process.
  client.on("error", () => undefined);
  const end = () => void client.end().catch(() => undefined);
  const keep = cutOff(signal, end);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>("SHOW server_version");
    return { verdict: "pass", says: `answered (${rows[0]?.server_version ?? "unknown version"})` };
  } catch (error) {
    return { verdict: "fail", says: `cannot be used: ${reasonOf(error)}` };
  } finally {
    keep();
    end();
  }
}

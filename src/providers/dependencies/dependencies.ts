import type { DependencyAnswer, DependencyProbe, DependencyQuestion } from "../../model/dependency.ts";
import { unreachable } from "../../model/errors.ts";
import type { DependencyCheck, DependencyUrl } from "../../model/plan.ts";
import { scrubOf } from "../../model/scrub.ts";
import { askCertificate } from "./certificate.ts";
import { askHttp } from "./http.ts";

/** Looks once at what a service cannot do without. No value of a secret is in what it says. */
export const askDependency: DependencyProbe = async (check, question) => {
  const answer = await ask(check, question);
  question.signal.throwIfAborted();
  const urls = "at" in check && "url" in check.at ? [check.at.url] : [];
  const scrub = scrubOf([...Object.values(question.secrets), ...urls]);
  return { ...answer, says: scrub(answer.says) };
};

async function ask(check: DependencyCheck, question: DependencyQuestion): Promise<DependencyAnswer> {
  switch (check.kind) {
    case "database": {
      const url = urlOf(check.at, question);
      return url === undefined ? noUrl : (await import("./database.ts")).askDatabase(url, question);
    }
    case "redis": {
      const url = urlOf(check.at, question);
      return url === undefined ? noUrl : (await import("./redis.ts")).askRedis(url, question);
    }
    case "http":
      return askHttp(check, question);
    case "certificate":
      return askCertificate(check, question);
    default:
      return unreachable(check);
  }
}

function urlOf(at: DependencyUrl, { secrets }: DependencyQuestion): string | undefined {
  return "url" in at ? at.url : secrets[at.secret];
}

const noUrl: DependencyAnswer = {
  verdict: "insufficient",
  says: "its URL is not known: the secret has no value",
  lasting: true,
};

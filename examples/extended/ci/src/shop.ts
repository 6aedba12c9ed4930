import {
  defineCheck,
  environment,
  integration,
  lint,
  local,
  pipeline,
  prisma,
  service,
  typecheck,
  unit,
} from "@fairway/sdk";

const refused = ["AGPL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later"];

/** No dependency whose licence the company does not accept. */
export const licenses = defineCheck("licenses", async ({ project, progress }) => {
  const installed = await project.installed(progress);
  const list = await installed.withExec(["pnpm", "licenses", "list", "--json", "--prod"]).stdout();
  const found = Object.keys(JSON.parse(list) as Record<string, unknown>).filter((name) =>
    refused.includes(name),
  );
  if (found.length === 0) return { verdict: "pass", summary: "every licence is accepted" };
  return { verdict: "fail", summary: `refused: ${found.join(", ")}`, details: list };
});

export const shop = pipeline({
  name: "shop",
  checks: [lint(), typecheck(), unit(), integration({ postgres: "18" }), licenses],
  services: {
    api: service({
      dockerfile: "apps/api/Dockerfile",
      port: 3040,
      startup: "/health/startup",
      ready: "/health/readiness",
      live: "/health/liveness",
      envSchema: "apps/api/src/config/environment.ts",
      replicas: 2,
    }),
    web: service({
      dockerfile: "apps/web/Dockerfile",
      port: 3041,
      ready: "/health/readiness",
      replicas: 2,
      needs: ["api"],
      variables: { API_URL: "${services.api.url}" },
    }),
  },
  database: prisma({ schema: "packages/database/prisma/schema.prisma", url: "DATABASE_URL" }),
  environments: {
    local: environment({
      target: local(),
      smoke: [{ service: "web", path: "/", status: 200 }],
    }),
  },
});

import { environment, lint, local, pipeline, service, unit } from "@fairway/sdk";
import { licenses } from "./licenses.ts";
import { prices } from "./prices.ts";

/** What is checked, built and deployed, and where to. A value: nothing happens until it meets a repository. */
export const shop = pipeline({
  name: "shop",
  checks: [lint(), unit(), licenses, prices],
  services: {
    web: service({ dockerfile: "Dockerfile", port: 3000, ready: "/health", replicas: 2 }),
  },
  environments: {
    local: environment({ target: local(), smoke: [{ service: "web", path: "/lantern", status: 200 }] }),
  },
});

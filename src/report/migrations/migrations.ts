export { ruleMarkdown, rulesMarkdown, rulesText, ruleText } from "./explain.ts";
export { migrationsHtml } from "./html/html.ts";
export { migrationsJson } from "./json.ts";
export { migrationsMarkdown } from "./markdown.ts";
export { isGrave, type MigrationsReport } from "./reviewed.ts";
export { migrationsSarif } from "./sarif.ts";
export { migrationsText } from "./text.ts";

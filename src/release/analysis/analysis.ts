export { allowedBy, type Allowed } from "./allowed.ts";
export { analyse } from "./analyse.ts";
export { forecast, type Forecast } from "./forecast.ts";
export { fewestOf } from "./sample-size.ts";
export { judgeLimit } from "./judge.ts";
export { analysisLines, analysisTitle, limitTitle } from "./titles.ts";

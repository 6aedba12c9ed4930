export { allowedBy, type Allowed } from "./allowed.ts";
export { analyse } from "./analyse.ts";
export { forecast, type Forecast } from "./forecast.ts";
export { fewestOf } from "./sample-size.ts";
export type { Analysing } from "./looking.ts";
export { judgeLimit, methodOfVerdicts } from "./judge.ts";
export { alphaOfTry } from "./spending.ts";
export { spentBy, triesOf } from "./tries.ts";
export { analysisLines, analysisTitle, limitTitle } from "./titles.ts";

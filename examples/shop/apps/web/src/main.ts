import { serve } from "@shop/shared/server";
import { openApi } from "./api.ts";
import { createApp } from "./app.ts";
import { parseEnvironment } from "./config/environment.ts";

const environment = parseEnvironment(process.env);
const api = openApi({ url: environment.API_URL, timeoutMs: environment.API_TIMEOUT_MS });

await serve(createApp({ api, environment }), { host: environment.HOST, port: environment.PORT });

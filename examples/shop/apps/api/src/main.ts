import { openDatabase } from "@shop/database";
import { serve } from "@shop/shared/server";
import { createApp } from "./app.ts";
import { parseEnvironment } from "./config/environment.ts";

const environment = parseEnvironment(process.env);
const database = openDatabase({ url: environment.DATABASE_URL, poolSize: environment.DATABASE_POOL_SIZE });
const app = createApp({ database, environment });

await serve(app, { host: environment.HOST, port: environment.PORT });

import { defineConfig } from "prisma/config";
import { migrationAdapter } from "./migration-adapter.ts";

const url = process.env.DATABASE_URL;

// Every command resolves the schema's env("DATABASE_URL"), `prisma generate` too, which needs no database.
process.env.DATABASE_URL ??= "postgresql://unset";

// Prisma's JavaScript engine talks to PostgreSQL through `pg`: no engine binary is downloaded, here or in an image.
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { adapter: true },
  engine: "js",
  adapter: async () => migrationAdapter(url),
});

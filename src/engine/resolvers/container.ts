import { configuration } from "./container-configuration.ts";
import { filesystem } from "./container-filesystem.ts";
import { mounts } from "./container-mounts.ts";
import { running } from "./container-running.ts";
import type { Resolvers } from "./resolver.ts";

export const container: Resolvers<"Container"> = { ...configuration, ...filesystem, ...mounts, ...running };

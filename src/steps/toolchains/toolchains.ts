export { toolchainText } from "./describe.ts";
export { detectToolchain } from "./detect/detect.ts";
export { install, withPackageManager, workspace } from "./install/install.ts";
export { packageManager } from "./managers/manager.ts";
export type { PackageManager } from "./managers/package-manager.ts";
export { prismaLayout, type PrismaLayout } from "./prisma.ts";
export { filesThatTell, type RootFiles, type Toolchain, withoutTask } from "./toolchain.ts";

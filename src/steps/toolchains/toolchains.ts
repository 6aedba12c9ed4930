export { detectToolchain, type RootFiles, type Toolchain } from "./detect.ts";
export { install, workspace } from "./install.ts";
export { packageManager, type PackageManager } from "./manager.ts";
export { prismaLayout, type PrismaLayout } from "./prisma.ts";

import { z } from "zod";

/** `limits` of a service: what each of its replicas may take. */
export const limits = z
  .strictObject({
    cpus: z.number().min(0.01).max(1024).optional().describe("CPUs, 0.5 for half of one."),
    memoryMiB: z
      .number()
      .int()
      .min(16)
      .max(16 * 1024 * 1024)
      .optional()
      .describe("Memory in MiB; a replica that takes more is killed and started again."),
  })
  .refine(
    ({ cpus, memoryMiB }) => cpus !== undefined || memoryMiB !== undefined,
    "must say cpus, memoryMiB or both",
  )
  .describe(
    "What each replica may take of the machine. For target local; elsewhere they stand in the manifests.",
  );

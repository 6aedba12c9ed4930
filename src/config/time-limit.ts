import { z } from "zod";

export const defaultTimeoutMinutes = 60;

export const timeoutMinutes = z
  .number()
  .int()
  .min(1)
  .max(24 * 60)
  .default(defaultTimeoutMinutes)
  .describe(
    "Minutes after which it is not waited for any longer: then it is not settled, and the others are told.",
  );

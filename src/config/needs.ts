import { z } from "zod";

export const needs = z
  .array(z.string().min(1))
  .default([])
  .describe("Names of the checks that must pass before this one is run; where one did not, it is not run.");

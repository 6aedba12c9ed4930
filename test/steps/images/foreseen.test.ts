import { describe, expect, test } from "vitest";
import { foreseen } from "../../../src/steps/images/images.ts";

const path = "apps/api/Dockerfile";
const told = (text: string) => {
  const { certain, unlessBase } = foreseen({ path, text });
  const line = ({ where, what }: { where: string; what: string }) => `${where}: ${what}`;
  return { certain: certain.map(line), unlessBase: unlessBase.map(line) };
};

const noUser = "runs as root: no USER is set";
const noHealth = "has no HEALTHCHECK";

describe("what the policy will say of an image", () => {
  test("is nothing for a Dockerfile that keeps its rules", () => {
    const text = 'FROM node:24-slim\nUSER node\nHEALTHCHECK --interval=5s CMD ["true"]\n';
    expect(told(text)).toEqual({ certain: [], unlessBase: [] });
  });

  test.each(["node:24-slim", "docker.io/library/node:24-slim", "scratch"])(
    "is certain on %s, which brings neither user nor HEALTHCHECK",
    (base) => {
      expect(told(`FROM ${base}\nEXPOSE 3000\n`)).toEqual({
        certain: [`${path}:1: ${noUser}`, `${path}:1: ${noHealth}`],
        unlessBase: [],
      });
    },
  );

  test.each(["acme.example/node:24", "bitnami/node:24", "gcr.io/distroless/nodejs24:nonroot"])(
    "depends on the base where that is not known: %s",
    (base) => {
      expect(told(`FROM ${base}\n`)).toEqual({
        certain: [],
        unlessBase: [`${path}:1: ${noUser}`, `${path}:1: ${noHealth}`],
      });
    },
  );

  test("is certain on any base where the Dockerfile itself says root or NONE", () => {
    expect(told("FROM acme.example/base:1\nUSER node\nUSER 0:0\nHEALTHCHECK NONE\n").certain).toEqual([
      `${path}:3: runs as root: USER 0`,
      `${path}:4: its HEALTHCHECK is switched off (NONE)`,
    ]);
  });

  test("follows the stages that the last one is built on, and no other", () => {
    const text = [
      "ARG BASE=node:24-slim",
      "FROM $BASE AS base",
      "USER node",
      "FROM base AS tested",
      "HEALTHCHECK CMD true",
      "FROM base",
    ].join("\n");
    expect(told(text)).toEqual({ certain: [`${path}:6: ${noHealth}`], unlessBase: [] });
  });

  test("guesses nothing about a user or a base in a variable that only the build knows", () => {
    expect(told("FROM node:24\nARG WHO\nUSER $WHO\nHEALTHCHECK CMD true\n")).toEqual({
      certain: [],
      unlessBase: [],
    });
    expect(told("ARG BASE\nFROM $BASE\nHEALTHCHECK CMD true\n").unlessBase).toEqual([`${path}:2: ${noUser}`]);
  });

  test("tells a base that is another image tomorrow", () => {
    expect(told("FROM node\nUSER node\nHEALTHCHECK CMD true\n").certain).toEqual([
      `${path}:1: the base node is another image tomorrow`,
    ]);
  });
});

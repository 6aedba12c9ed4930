import { expect, it } from "vitest";
import { dockerfileVariables } from "../../../src/steps/services/dockerfile-variables.ts";

it("the variables of an image are those of its last stage and of the stages below it", () => {
  const text = `
ARG NODE=24
FROM node:$NODE-slim AS base
ENV NODE_ENV=production CURRENCY="EUR and USD"
FROM base AS build
ENV ONLY_BUILD=1
FROM Base AS runtime
ARG VERSION
ENV CURRENCY=EUR \\
    VERSION=$VERSION
ENV OLD style of one value
`;
  expect(dockerfileVariables(text)).toEqual({
    values: { NODE_ENV: "production", CURRENCY: "EUR", OLD: "style of one value" },
    unknown: ["VERSION"],
  });
});

it("a Dockerfile without stages or variables brings none", () => {
  expect(dockerfileVariables("")).toEqual({ values: {}, unknown: [] });
  expect(dockerfileVariables("FROM scratch")).toEqual({ values: {}, unknown: [] });
});

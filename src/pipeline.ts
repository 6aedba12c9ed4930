import type { Client, Directory, Secret } from "@dagger.io/dagger";

export type OutputFormat = "text" | "json";

/** What a call is about: the repository, its secrets, and the ref that is checked out. */
export interface PipelineInput {
  readonly source: Directory;
  readonly secrets?: Secret | undefined;
  readonly ref?: string | undefined;
}

export interface BoundPipeline {
  check(only: readonly string[], format: OutputFormat): Promise<string>;
  images(): Promise<string>;
  migrations(): Promise<string>;
  plan(environment: string, format: OutputFormat): Promise<string>;
  deploy(environment: string, format: OutputFormat): Promise<string>;
  rollback(environment: string, reason: string, format: OutputFormat): Promise<string>;
  status(environment: string, format: OutputFormat): Promise<string>;
  history(environment: string, format: OutputFormat): Promise<string>;
  down(environment: string, removeData: boolean): Promise<string>;
}

export interface Pipeline {
  with(dag: Client, input: PipelineInput): BoundPipeline;
}

/** The pipeline that the repository's fairway.yaml describes. */
export const stockPipeline: Pipeline = {
  with: () => {
    throw new Error("being written");
  },
};

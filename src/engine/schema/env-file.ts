export const envFile = /* GraphQL */ `
  type EnvFile implements Node {
    id: ID!
    variables(raw: Boolean): [EnvVariable!]!
    get(name: String!, raw: Boolean): String!
    exists(name: String!): Boolean!
    withVariable(name: String!, value: String!): EnvFile!
    withoutVariable(name: String!): EnvFile!
    namespace(prefix: String!): EnvFile!
    asFile: File!
  }
`;

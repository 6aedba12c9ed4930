/** The objects that only hold what they say. */
export const values = /* GraphQL */ `
  type Secret implements Node {
    id: ID!
    name: String!
    uri: String!
    plaintext: String!
  }
  type CacheVolume implements Node {
    id: ID!
  }
  type EnvVariable implements Node {
    id: ID!
    name: String!
    value: String!
  }
  type Label implements Node {
    id: ID!
    name: String!
    value: String!
  }
  type Port implements Node {
    id: ID!
    port: Int!
    protocol: NetworkProtocol!
    description: String
    experimentalSkipHealthcheck: Boolean!
  }
  type Stat implements Node {
    id: ID!
    name: String!
    fileType: FileType!
    permissions: Int!
    size: Int!
  }
  type HealthcheckConfig implements Node {
    id: ID!
    args: [String!]!
    shell: Boolean!
    interval: String!
    timeout: String!
    startPeriod: String!
    startInterval: String!
    retries: Int!
  }
`;

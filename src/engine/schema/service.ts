export const service = /* GraphQL */ `
  type Service implements Node {
    id: ID!
    sync: ID!
    start: ID!
    stop(kill: Boolean = false): ID!
    hostname: String!
    withHostname(hostname: String!): Service!
    endpoint(port: Int, scheme: String = ""): String!
    ports: [Port!]!
  }
`;

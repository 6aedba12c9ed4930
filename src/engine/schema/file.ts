export const file = /* GraphQL */ `
  type File implements Node {
    id: ID!
    sync: ID!
    name: String!
    size: Int!
    contents(offsetLines: Int, limitLines: Int): String!
    digest(excludeMetadata: Boolean = false): String!
    stat: Stat!
    withName(name: String!): File!
    withTimestamps(timestamp: Int!): File!
    chown(owner: String!): File!
    export(path: String!, allowParentDirPath: Boolean = false): String!
  }
`;

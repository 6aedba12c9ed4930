export const file = /* GraphQL */ `
  type File implements Node {
    id: ID!
    sync: ID!
    name: String!
    size: Int!
    contents(offsetLines: Int, limitLines: Int): String!
    digest(excludeMetadata: Boolean = false): String!
    stat: Stat!
    search(
      pattern: String!
      literal: Boolean = false
      multiline: Boolean = false
      dotall: Boolean = false
      insensitive: Boolean = false
      skipIgnored: Boolean = false
      skipHidden: Boolean = false
      filesOnly: Boolean = false
      limit: Int
      paths: [String!] = []
      globs: [String!] = []
    ): [SearchResult!]!
    asEnvFile(expand: Boolean): EnvFile!
    asJSON: JSONValue!
    withName(name: String!): File!
    withReplaced(search: String!, replacement: String!, all: Boolean = false, firstFrom: Int): File!
    withTimestamps(timestamp: Int!): File!
    chown(owner: String!): File!
    export(path: String!, allowParentDirPath: Boolean = false): String!
  }
`;

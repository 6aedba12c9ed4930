export const changeset = /* GraphQL */ `
  type Changeset implements Node {
    id: ID!
    sync: ID!
    before: Directory!
    after: Directory!
    layer: Directory!
    asPatch: File!
    addedPaths: [String!]!
    modifiedPaths: [String!]!
    removedPaths: [String!]!
    isEmpty: Boolean!
    export(path: String!): String!
  }
`;

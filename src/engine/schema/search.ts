export const search = /* GraphQL */ `
  type SearchResult implements Node {
    id: ID!
    filePath: String!
    lineNumber: Int!
    absoluteOffset: Int!
    matchedLines: String!
    submatches: [SearchSubmatch!]!
  }
  type SearchSubmatch implements Node {
    id: ID!
    text: String!
    start: Int!
    end: Int!
  }
`;

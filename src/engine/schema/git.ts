export const git = /* GraphQL */ `
  type GitRepository implements Node {
    id: ID!
    url: String
    head: GitRef!
    ref(name: String!): GitRef!
    branch(name: String!): GitRef!
    tag(name: String!): GitRef!
    commit(id: String!): GitRef!
    latestVersion: GitRef!
    branches(patterns: [String!]): [String!]!
    tags(patterns: [String!]): [String!]!
    uncommitted: Changeset!
  }

  type GitRef implements Node {
    id: ID!
    commit: String!
    ref: String!
    tree(discardGitDir: Boolean = false, depth: Int = 1, includeTags: Boolean = false): Directory!
    commonAncestor(other: ID! @expectedType(name: "GitRef")): GitRef!
  }
`;

export const directory = /* GraphQL */ `
  type Directory implements Node {
    id: ID!
    sync: ID!
    name: String!
    digest: String!
    entries(path: String): [String!]!
    glob(pattern: String!): [String!]!
    exists(path: String!, expectedType: ExistsType, doNotFollowSymlinks: Boolean = false): Boolean!
    stat(path: String!, doNotFollowSymlinks: Boolean = false): Stat
    search(
      paths: [String!] = []
      globs: [String!] = []
      pattern: String!
      literal: Boolean = false
      multiline: Boolean = false
      dotall: Boolean = false
      insensitive: Boolean = false
      skipIgnored: Boolean = false
      skipHidden: Boolean = false
      filesOnly: Boolean = false
      limit: Int
    ): [SearchResult!]!
    findUp(name: String!, start: String!): String
    file(path: String!): File!
    directory(path: String!): Directory!
    withDirectory(
      path: String!
      source: ID! @expectedType(name: "Directory")
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      owner: String = ""
      permissions: Int
    ): Directory!
    withFile(
      path: String!
      source: ID! @expectedType(name: "File")
      permissions: Int
      owner: String = ""
    ): Directory!
    withFiles(path: String!, sources: [ID!]! @expectedType(name: "File"), permissions: Int): Directory!
    withNewFile(path: String!, contents: String!, permissions: Int = 420): Directory!
    withNewDirectory(path: String!, permissions: Int = 420): Directory!
    withSymlink(target: String!, linkName: String!): Directory!
    withTimestamps(timestamp: Int!): Directory!
    withoutDirectory(path: String!): Directory!
    withoutFile(path: String!): Directory!
    withoutFiles(paths: [String!]!): Directory!
    withError(err: String!): Directory!
    chown(path: String!, owner: String!): Directory!
    filter(exclude: [String!] = [], include: [String!] = [], gitignore: Boolean = false): Directory!
    diff(other: ID! @expectedType(name: "Directory")): Directory!
    changes(from: ID! @expectedType(name: "Directory")): Changeset!
    withChanges(changes: ID! @expectedType(name: "Changeset")): Directory!
    withPatch(patch: String!): Directory!
    withPatchFile(patch: ID! @expectedType(name: "File")): Directory!
    export(path: String!, wipe: Boolean = false): String!
    asGit: GitRepository!
    dockerBuild(
      dockerfile: String = "Dockerfile"
      platform: Platform
      buildArgs: [BuildArg!] = []
      target: String = ""
      secrets: [ID!] = [] @expectedType(name: "Secret")
      noInit: Boolean = false
    ): Container!
  }
`;

export const address = /* GraphQL */ `
  type Address implements Node {
    id: ID!
    value: String!
    container: Container!
    directory(
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      noCache: Boolean = false
    ): Directory!
    file(
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      noCache: Boolean = false
    ): File!
    gitRef: GitRef!
    gitRepository: GitRepository!
    secret: Secret!
    service: Service!
  }
`;

export const query = /* GraphQL */ `
  type Query {
    version: String!
    defaultPlatform: Platform!
    container(platform: Platform): Container!
    directory: Directory!
    file(name: String!, contents: String!, permissions: Int = 420): File!
    host: Host!
    secret(uri: String!, cacheKey: String): Secret!
    setSecret(name: String!, plaintext: String!): Secret!
    cacheVolume(
      key: String!
      source: ID @expectedType(name: "Directory")
      sharing: CacheSharingMode
      owner: String
    ): CacheVolume!
    changeset: Changeset!
    envFile(expand: Boolean): EnvFile!
    json: JSONValue!
    error(message: String!): Error!
    address(value: String!): Address!
    http(
      url: String!
      name: String
      permissions: Int
      checksum: String
      authHeader: ID @expectedType(name: "Secret")
      experimentalServiceHost: ID @expectedType(name: "Service")
    ): File!
    git(
      url: String!
      keepGitDir: Boolean = true
      httpAuthUsername: String = ""
      httpAuthToken: ID @expectedType(name: "Secret")
      httpAuthHeader: ID @expectedType(name: "Secret")
      experimentalServiceHost: ID @expectedType(name: "Service")
    ): GitRepository!
    node(id: ID!): Node!
  }
`;

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
    node(id: ID!): Node!
  }
`;

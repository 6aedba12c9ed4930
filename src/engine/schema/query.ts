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
    cacheVolume(key: String!, source: ID, sharing: CacheSharingMode, owner: String): CacheVolume!
    node(id: ID!): Node!
    loadContainerFromID(id: ID!): Container!
    loadDirectoryFromID(id: ID!): Directory!
    loadFileFromID(id: ID!): File!
    loadHostFromID(id: ID!): Host!
    loadSecretFromID(id: ID!): Secret!
    loadServiceFromID(id: ID!): Service!
    loadCacheVolumeFromID(id: ID!): CacheVolume!
    loadEnvVariableFromID(id: ID!): EnvVariable!
    loadLabelFromID(id: ID!): Label!
    loadPortFromID(id: ID!): Port!
    loadStatFromID(id: ID!): Stat!
    loadHealthcheckConfigFromID(id: ID!): HealthcheckConfig!
  }
`;

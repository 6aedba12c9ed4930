import { buildSchema, type GraphQLSchema } from "graphql";

/**
 * The part of Dagger's API (0.21) that the embedded engine has; names, arguments and nullability as the engine's.
 * An argument that is here but can only have one value is refused by its resolver with any other.
 */
const definitions = /* GraphQL */ `
  scalar Platform
  scalar Void

  enum ReturnType {
    SUCCESS
    FAILURE
    ANY
  }
  enum CacheSharingMode {
    SHARED
    PRIVATE
    LOCKED
  }
  enum NetworkProtocol {
    TCP
    UDP
  }
  enum ExistsType {
    REGULAR_TYPE
    DIRECTORY_TYPE
    SYMLINK_TYPE
  }
  enum FileType {
    REGULAR
    DIRECTORY
    SYMLINK
    UNKNOWN
  }
  enum ImageLayerCompression {
    Gzip
    Zstd
    EStarGZ
    Uncompressed
  }
  enum ImageMediaTypes {
    OCI
    DOCKER
    OCIMediaTypes
    DockerMediaTypes
  }

  input BuildArg {
    name: String!
    value: String!
  }

  interface Node {
    id: ID!
  }

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

  type Host implements Node {
    id: ID!
    directory(
      path: String!
      exclude: [String!] = []
      include: [String!] = []
      noCache: Boolean = false
      gitignore: Boolean = false
    ): Directory!
    file(path: String!, noCache: Boolean = false): File!
  }

  type Container implements Node {
    id: ID!
    sync: ID!
    from(address: String!): Container!
    platform: Platform!
    imageRef: String!
    rootfs: Directory!
    withRootfs(directory: ID!): Container!
    directory(path: String!, expand: Boolean = false): Directory!
    file(path: String!, expand: Boolean = false): File!
    exists(
      path: String!
      expectedType: ExistsType
      doNotFollowSymlinks: Boolean = false
      expand: Boolean = false
    ): Boolean!
    stat(path: String!, doNotFollowSymlinks: Boolean = false): Stat
    withDirectory(
      path: String!
      source: ID!
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      owner: String = ""
      expand: Boolean = false
      permissions: Int
    ): Container!
    withFile(
      path: String!
      source: ID!
      permissions: Int
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withFiles(
      path: String!
      sources: [ID!]!
      permissions: Int
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withNewFile(
      path: String!
      contents: String!
      permissions: Int = 420
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withSymlink(target: String!, linkName: String!, expand: Boolean = false): Container!
    withoutDirectory(path: String!, expand: Boolean = false): Container!
    withoutFile(path: String!, expand: Boolean = false): Container!
    withoutFiles(paths: [String!]!, expand: Boolean = false): Container!
    mounts: [String!]!
    withMountedDirectory(
      path: String!
      source: ID!
      owner: String = ""
      readOnly: Boolean = false
      expand: Boolean = false
    ): Container!
    withMountedFile(path: String!, source: ID!, owner: String = "", expand: Boolean = false): Container!
    withMountedCache(
      path: String!
      cache: ID!
      source: ID
      sharing: CacheSharingMode
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withMountedTemp(path: String!, size: Int, expand: Boolean = false): Container!
    withMountedSecret(
      path: String!
      source: ID!
      owner: String = ""
      mode: Int = 256
      expand: Boolean = false
    ): Container!
    withoutMount(path: String!, expand: Boolean = false): Container!
    envVariable(name: String!): String
    envVariables: [EnvVariable!]!
    withEnvVariable(name: String!, value: String!, expand: Boolean = false): Container!
    withoutEnvVariable(name: String!): Container!
    withSecretVariable(name: String!, secret: ID!): Container!
    withoutSecretVariable(name: String!): Container!
    workdir: String!
    withWorkdir(path: String!, expand: Boolean = false): Container!
    withoutWorkdir: Container!
    user: String!
    withUser(name: String!): Container!
    withoutUser: Container!
    entrypoint: [String!]!
    withEntrypoint(args: [String!]!, keepDefaultArgs: Boolean = false): Container!
    withoutEntrypoint(keepDefaultArgs: Boolean = false): Container!
    defaultArgs: [String!]!
    withDefaultArgs(args: [String!]!): Container!
    withoutDefaultArgs: Container!
    label(name: String!): String
    labels: [Label!]!
    withLabel(name: String!, value: String!): Container!
    withoutLabel(name: String!): Container!
    withAnnotation(name: String!, value: String!): Container!
    withoutAnnotation(name: String!): Container!
    exposedPorts: [Port!]!
    withExposedPort(
      port: Int!
      protocol: NetworkProtocol = TCP
      description: String
      experimentalSkipHealthcheck: Boolean = false
    ): Container!
    withoutExposedPort(port: Int!, protocol: NetworkProtocol = TCP): Container!
    dockerHealthcheck: HealthcheckConfig
    withDockerHealthcheck(
      args: [String!]!
      shell: Boolean = false
      interval: String = ""
      timeout: String = ""
      startPeriod: String = ""
      startInterval: String = ""
      retries: Int = 0
    ): Container!
    withoutDockerHealthcheck: Container!
    withRegistryAuth(address: String!, username: String!, secret: ID!): Container!
    withoutRegistryAuth(address: String!): Container!
    withServiceBinding(alias: String!, service: ID!): Container!
    withExec(
      args: [String!]!
      useEntrypoint: Boolean = false
      stdin: String = ""
      redirectStdin: String = ""
      redirectStdout: String = ""
      redirectStderr: String = ""
      expect: ReturnType = SUCCESS
      experimentalPrivilegedNesting: Boolean = false
      insecureRootCapabilities: Boolean = false
      expand: Boolean = false
      noInit: Boolean = false
    ): Container!
    withError(err: String!): Container!
    stdout: String!
    stderr: String!
    combinedOutput: String!
    exitCode: Int!
    asService(
      args: [String!] = []
      useEntrypoint: Boolean = false
      experimentalPrivilegedNesting: Boolean = false
      insecureRootCapabilities: Boolean = false
      expand: Boolean = false
      noInit: Boolean = false
    ): Service!
    publish(
      address: String!
      platformVariants: [ID!] = []
      forcedCompression: ImageLayerCompression
      mediaTypes: ImageMediaTypes = OCI
    ): String!
    export(
      path: String!
      platformVariants: [ID!] = []
      forcedCompression: ImageLayerCompression
      mediaTypes: ImageMediaTypes = OCI
      expand: Boolean = false
    ): String!
  }

  type Directory implements Node {
    id: ID!
    sync: ID!
    name: String!
    digest: String!
    entries(path: String): [String!]!
    glob(pattern: String!): [String!]!
    exists(path: String!, expectedType: ExistsType, doNotFollowSymlinks: Boolean = false): Boolean!
    stat(path: String!, doNotFollowSymlinks: Boolean = false): Stat
    findUp(name: String!, start: String!): String
    file(path: String!): File!
    directory(path: String!): Directory!
    withDirectory(
      path: String!
      source: ID!
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      owner: String = ""
      permissions: Int
    ): Directory!
    withFile(path: String!, source: ID!, permissions: Int, owner: String = ""): Directory!
    withFiles(path: String!, sources: [ID!]!, permissions: Int): Directory!
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
    diff(other: ID!): Directory!
    export(path: String!, wipe: Boolean = false): String!
    dockerBuild(
      dockerfile: String = "Dockerfile"
      platform: Platform
      buildArgs: [BuildArg!] = []
      target: String = ""
      secrets: [ID!] = []
      noInit: Boolean = false
    ): Container!
  }

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

  type Secret implements Node {
    id: ID!
    name: String!
    uri: String!
    plaintext: String!
  }

  type Service implements Node {
    id: ID!
    sync: ID!
    start: ID!
    stop(kill: Boolean = false): ID!
    hostname: String!
    withHostname(hostname: String!): Service!
    endpoint(port: Int, scheme: String = ""): String!
    ports: [Port!]!
  }

  type CacheVolume implements Node {
    id: ID!
  }
  type EnvVariable implements Node {
    id: ID!
    name: String!
    value: String!
  }
  type Label implements Node {
    id: ID!
    name: String!
    value: String!
  }
  type Port implements Node {
    id: ID!
    port: Int!
    protocol: NetworkProtocol!
    description: String
    experimentalSkipHealthcheck: Boolean!
  }
  type Stat implements Node {
    id: ID!
    name: String!
    fileType: FileType!
    permissions: Int!
    size: Int!
  }
  type HealthcheckConfig implements Node {
    id: ID!
    args: [String!]!
    shell: Boolean!
    interval: String!
    timeout: String!
    startPeriod: String!
    startInterval: String!
    retries: Int!
  }
`;

export function engineSchema(): GraphQLSchema {
  return buildSchema(definitions);
}

export const container = /* GraphQL */ `
  type Container implements Node {
    id: ID!
    sync: ID!
    from(address: String!): Container!
    platform: Platform!
    imageRef: String!
    rootfs: Directory!
    withRootfs(directory: ID! @expectedType(name: "Directory")): Container!
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
      source: ID! @expectedType(name: "Directory")
      exclude: [String!] = []
      include: [String!] = []
      gitignore: Boolean = false
      owner: String = ""
      expand: Boolean = false
      permissions: Int
    ): Container!
    withFile(
      path: String!
      source: ID! @expectedType(name: "File")
      permissions: Int
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withFiles(
      path: String!
      sources: [ID!]! @expectedType(name: "File")
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
      source: ID! @expectedType(name: "Directory")
      owner: String = ""
      readOnly: Boolean = false
      expand: Boolean = false
    ): Container!
    withMountedFile(
      path: String!
      source: ID! @expectedType(name: "File")
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withMountedCache(
      path: String!
      cache: ID! @expectedType(name: "CacheVolume")
      source: ID @expectedType(name: "Directory")
      sharing: CacheSharingMode
      owner: String = ""
      expand: Boolean = false
    ): Container!
    withMountedTemp(path: String!, size: Int, expand: Boolean = false): Container!
    withMountedSecret(
      path: String!
      source: ID! @expectedType(name: "Secret")
      owner: String = ""
      mode: Int = 256
      expand: Boolean = false
    ): Container!
    withoutMount(path: String!, expand: Boolean = false): Container!
    envVariable(name: String!): String
    envVariables: [EnvVariable!]!
    withEnvVariable(name: String!, value: String!, expand: Boolean = false): Container!
    withoutEnvVariable(name: String!): Container!
    withEnvFileVariables(source: ID! @expectedType(name: "EnvFile")): Container!
    withVolatileVariable(name: String!, value: String!): Container!
    withoutVolatileVariable(name: String!): Container!
    withSecretVariable(name: String!, secret: ID! @expectedType(name: "Secret")): Container!
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
    withRegistryAuth(
      address: String!
      username: String!
      secret: ID! @expectedType(name: "Secret")
    ): Container!
    withoutRegistryAuth(address: String!): Container!
    withServiceBinding(alias: String!, service: ID! @expectedType(name: "Service")): Container!
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
      platformVariants: [ID!] = [] @expectedType(name: "Container")
      forcedCompression: ImageLayerCompression
      mediaTypes: ImageMediaTypes = OCI
    ): String!
    asTarball(
      platformVariants: [ID!] = [] @expectedType(name: "Container")
      forcedCompression: ImageLayerCompression
      mediaTypes: ImageMediaTypes = OCI
    ): File!
    import(source: ID! @expectedType(name: "File"), tag: String = ""): Container!
    export(
      path: String!
      platformVariants: [ID!] = [] @expectedType(name: "Container")
      forcedCompression: ImageLayerCompression
      mediaTypes: ImageMediaTypes = OCI
      expand: Boolean = false
    ): String!
  }
`;

/** Scalars, enums, inputs and the interface of all objects. */
export const base = /* GraphQL */ `
  directive @expectedType(name: String!) on ARGUMENT_DEFINITION
  scalar Platform
  scalar Void
  scalar JSON
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
  input PortForward {
    frontend: Int
    backend: Int!
    protocol: NetworkProtocol = TCP
  }
  interface Node {
    id: ID!
  }
`;

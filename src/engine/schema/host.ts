export const host = /* GraphQL */ `
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
    findUp(name: String!, noCache: Boolean = false): String
    service(ports: [PortForward!]!, host: String = "localhost"): Service!
    tunnel(
      service: ID! @expectedType(name: "Service")
      native: Boolean = false
      ports: [PortForward!] = []
    ): Service!
  }
`;

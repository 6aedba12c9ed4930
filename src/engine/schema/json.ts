export const json = /* GraphQL */ `
  type JSONValue implements Node {
    id: ID!
    contents(pretty: Boolean = false, indent: String = "  "): JSON!
    withContents(contents: JSON!): JSONValue!
    newInteger(value: Int!): JSONValue!
    newString(value: String!): JSONValue!
    newBoolean(value: Boolean!): JSONValue!
    asInteger: Int!
    asString: String!
    asBoolean: Boolean!
    asArray: [JSONValue!]!
    fields: [String!]!
    field(path: [String!]!): JSONValue!
    withField(path: [String!]!, value: ID! @expectedType(name: "JSONValue")): JSONValue!
  }
`;

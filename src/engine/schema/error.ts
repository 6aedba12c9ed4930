export const error = /* GraphQL */ `
  type Error implements Node {
    id: ID!
    message: String!
    values: [ErrorValue!]!
    withValue(name: String!, value: JSON!): Error!
  }
  type ErrorValue implements Node {
    id: ID!
    name: String!
    value: JSON!
  }
`;

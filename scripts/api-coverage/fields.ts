import { parse, TypeInfo, visit, visitWithTypeInfo, type GraphQLSchema } from "graphql";

/** The fields that a query asks for, as `Type.field`; none of one that cannot be read. */
export function fieldsOf(query: string, schema: GraphQLSchema): ReadonlySet<string> {
  const fields = new Set<string>();
  const info = new TypeInfo(schema);
  try {
    visit(
      parse(query),
      visitWithTypeInfo(info, {
        Field: ({ name }) => {
          const type = info.getParentType()?.name;
          if (type !== undefined && info.getFieldDef() != null) fields.add(`${type}.${name.value}`);
        },
      }),
    );
  } catch {
    return new Set();
  }
  return fields;
}

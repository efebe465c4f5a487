import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { MESH_SCHEMA } from '../../apps/broker/src/graphql/mesh-schema.ts'

/** docs/schema.graphql: the schema of \`/graphql\` in alphabetical order, so that a change shows where it is. */
export const graphqlDocument = (): string =>
  `# Generated from apps/broker/src/graphql/mesh-schema.ts by \`npm run fix\`: change it there.\n\n${printSchema(
    lexicographicSortSchema(buildSchema(MESH_SCHEMA)),
  )}\n`

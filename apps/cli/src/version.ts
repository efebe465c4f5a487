import { readFileSync } from 'node:fs'
import { PROTOCOL_VERSION } from '@latchkey/protocol/version'
import { z } from 'zod'

const manifest = z.object({ version: z.string() })

/** This release, as its package names it. */
export const { version } = manifest.parse(
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')),
)

/** The release, and the wire that it speaks: two releases with the same protocol understand each other. */
export const versionLine = `latchkey ${version} (protocol ${PROTOCOL_VERSION})`

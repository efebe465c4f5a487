import { sha256 } from '@noble/hashes/sha2.js'
import { hex, utf8 } from '../bytes.ts'

/** The query parameter that says the shard, for load balancers; nothing depends on it. */
export const SHARD_PARAMETER = 'r'
const SHARD_BYTES = 4

/**
 * The same short text for all connections that concern one runner, in eight hexadecimal digits of SHA-256 over its id: a load
 * balancer that hashes it brings the runner and its apps to one broker, and learns no id.
 */
export const shardOf = (runnerId: string): string => hex(sha256(utf8(runnerId)).subarray(0, SHARD_BYTES))

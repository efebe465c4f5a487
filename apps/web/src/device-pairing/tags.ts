/** As many as the broker takes. */
const TAGS_MAX = 8
const TAG = /^[\p{L}\p{N}][\p{L}\p{N}_.:-]{0,31}$/u

/** The tags in a typed text, each once; null when one of them cannot be one, or there are too many. */
export function readTags(typed: string): readonly string[] | null {
  const tags = [...new Set(typed.split(/[\s,;，；]+/).filter((tag) => tag !== ''))]
  return tags.length <= TAGS_MAX && tags.every((tag) => TAG.test(tag)) ? tags : null
}

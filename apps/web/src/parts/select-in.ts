import type { RefObject } from 'preact'

/** After a refusal: selects the typed text of a field, so that the next replaces it. */
export function selectIn(input: RefObject<HTMLInputElement | null>): void {
  input.current?.focus()
  input.current?.select()
}

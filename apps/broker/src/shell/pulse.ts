/** Beats whenever something changed that the console shows. Carries nothing: whoever listens looks for itself. */
export class Pulse {
  readonly #listeners = new Set<() => void>()

  beat(): void {
    for (const listener of this.#listeners) listener()
  }

  /** Answers with what ends the listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

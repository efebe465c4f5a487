import { type ApiKey, ENDED_KEPT_MS, isOver } from '@latchkey/domain/api-keys/api-key'
import type { ApiKeyStore } from '@latchkey/domain/api-keys/ports'
import { later } from '@latchkey/domain/kernel'
import { storeTime } from '../decide.ts'

/** Keeps API keys in this process. */
export function memoryApiKeyStore({ clock }: { readonly clock: () => number }): ApiKeyStore {
  const time = storeTime(clock)
  const keys = new Map<string, ApiKey>()
  return {
    async run({ id, decide }) {
      const now = time()
      const goodKeys = [...keys.values()].filter((key) => !isOver(key, now)).length
      const { write, answer } = decide({ key: keys.get(id), goodKeys }, now)
      if (write !== null) keys.set(write.id, write)
      return answer
    },
    list: async () =>
      [...keys.values()].sort((a, b) => b.madeAt - a.madeAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)),
    async sweep() {
      const gone = later(time(), -ENDED_KEPT_MS)
      const over = [...keys.values()].filter((key) => isOver(key, gone))
      for (const { id } of over) keys.delete(id)
      return over.length
    },
  }
}

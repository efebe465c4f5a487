import {
  API_KEYS_MAX,
  type ApiKey,
  ENDED_KEPT_MS,
  USE_RESOLUTION_MS,
} from '@latchkey/domain/api-keys/api-key'
import { makeKey, revokeKey, useKey } from '@latchkey/domain/api-keys/operations'
import type { ApiKeyStore } from '@latchkey/domain/api-keys/ports'
import { instant } from '@latchkey/domain/kernel'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

export interface ApiKeyStoreUnderTest {
  readonly store: ApiKeyStore
  /** a second one on the same data, as another broker has it; the same one where there can be none */
  readonly other: ApiKeyStore
  dispose(): Promise<void>
}

/** What every adapter of the port for API keys does, told once. `clock` is what the store reads. */
export function apiKeyStoreContract(
  name: string,
  open: (clock: () => number) => Promise<ApiKeyStoreUnderTest>,
): void {
  describe(`the store of API keys on ${name}`, () => {
    let nowMs = 1_000_000
    let under: ApiKeyStoreUnderTest
    beforeEach(async () => {
      nowMs = 1_000_000
      under = await open(() => nowMs)
    })
    afterEach(() => under.dispose())
    const make = (id: string, more: Partial<ApiKey> = {}) =>
      under.store.run(
        makeKey({ id, digest: `digest of ${id}`, name: id, scopes: ['devices:read'], endsAt: null, ...more }),
      )
    const show = (id: string, store = under.store) =>
      store.run(useKey({ id, digest: `digest of ${id}` }, 'devices:read'))

    it('keeps what was made, the newest first, for every broker', async () => {
      const names = ['déjà vu', '名前', "'; DROP TABLE api_keys; --"]
      for (const [index, each] of names.entries()) {
        nowMs += 1
        expect(await make(`key-${index}`, { name: each })).toMatchObject({ ok: true })
      }
      expect((await under.other.list()).map((key) => key.name)).toEqual(names.toReversed())
      expect(await show('key-1', under.other)).toMatchObject({ ok: true, value: { name: '名前' } })
    })

    it('opens for its own digest and scope alone', async () => {
      await make('key-1')
      const shown = { id: 'key-1', digest: 'digest of key-1' }
      const lacks = (scope: 'history:read' | null) => ({ ok: false, refusal: { status: 'lacks', scope } })
      expect(await under.store.run(useKey(shown, 'history:read'))).toEqual(lacks('history:read'))
      expect(await under.store.run(useKey(shown, null))).toEqual(lacks(null))
      const unknown = { ok: false, refusal: { status: 'unknown' } }
      expect(await under.store.run(useKey({ ...shown, digest: 'other' }, 'devices:read'))).toEqual(unknown)
      expect(await show('key-2')).toEqual(unknown)
    })

    it('a revoked key opens nothing on any broker from that moment on, twice is once', async () => {
      await make('key-1')
      await under.store.run(revokeKey('key-1'))
      const at = nowMs
      nowMs += 5
      expect(await under.other.run(revokeKey('key-1'))).toMatchObject({ revokedAt: at })
      expect(await show('key-1', under.other)).toEqual({ ok: false, refusal: { status: 'revoked', at } })
      expect(await under.store.run(revokeKey('key-9'))).toBeNull()
    })

    it('a key ends at its moment, and none is made that has ended', async () => {
      await make('key-1', { endsAt: instant(nowMs + 10) })
      nowMs += 9
      expect(await show('key-1')).toMatchObject({ ok: true })
      nowMs += 1
      expect(await show('key-1')).toEqual({ ok: false, refusal: { status: 'ended', at: nowMs } })
      expect(await make('key-2', { endsAt: instant(nowMs) })).toEqual({
        ok: false,
        refusal: 'ends-in-the-past',
      })
    })

    it('writes a use once an hour', async () => {
      await make('key-1')
      const usedAt = async () => (await under.store.list())[0]?.lastUsedAt
      expect(await usedAt()).toBeNull()
      await show('key-1')
      const first = nowMs
      nowMs += USE_RESOLUTION_MS - 1
      await show('key-1')
      expect(await usedAt()).toBe(first)
      nowMs += 1
      await show('key-1')
      expect(await usedAt()).toBe(nowMs)
    })

    it('has room for so many good keys, of several makers at once; those that are over do not count', async () => {
      for (let index = 0; index < API_KEYS_MAX - 1; index++) await make(`key-${index}`)
      const [one, two] = await Promise.all(['key-x', 'key-y'].map((id) => make(id)))
      expect([one, two].filter((each) => each?.ok)).toHaveLength(1)
      await under.store.run(revokeKey('key-0'))
      expect(await make('key-z')).toMatchObject({ ok: true })
    })

    it('forgets a key a month after it was over, and never one that is good', async () => {
      await make('key-1')
      await make('key-2', { endsAt: instant(nowMs + 10) })
      await make('key-3')
      await under.store.run(revokeKey('key-3'))
      nowMs += ENDED_KEPT_MS
      expect(await under.store.sweep()).toBe(1)
      nowMs += 10
      expect(await under.other.sweep()).toBe(1)
      expect((await under.store.list()).map(({ id }) => id)).toEqual(['key-1'])
    })
  })
}

import { store } from '../../../../packages/stores/src/pairing.store.ts'

export const planted = store

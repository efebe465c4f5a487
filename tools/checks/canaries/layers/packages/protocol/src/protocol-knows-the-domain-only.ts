import { store } from '../../stores/src/pairing.store.ts'

export const planted = store

import { WebSocket } from 'ws'
import { store } from '../../stores/src/pairing.store.ts'

export const planted = [store, WebSocket]

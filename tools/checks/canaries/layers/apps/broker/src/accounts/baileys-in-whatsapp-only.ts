import { makeWASocket } from 'baileys'

export const planted = makeWASocket

import { wire } from '../../protocol/src/wire.ts'
import { readFileSync } from 'node:fs'

export const planted = [wire, readFileSync]

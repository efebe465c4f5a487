import Database from 'better-sqlite3'
import { Redis } from 'ioredis'

export const planted = [Database, Redis]

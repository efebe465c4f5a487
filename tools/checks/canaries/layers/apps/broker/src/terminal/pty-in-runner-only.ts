import { spawn } from '@lydell/node-pty'

export const planted = spawn

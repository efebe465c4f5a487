export { readFileSync as planted } from 'node:fs'

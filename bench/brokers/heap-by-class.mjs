/** What a process keeps on its heap, by class: for a bench that asks what one more connection costs. */
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { sleep } from '../lib/stats.mjs'

/** The flag with which the process must have been started; it writes its snapshots into its working folder. */
export const HEAP_FLAG = '--heapsnapshot-signal=SIGUSR2'
const WRITTEN_WITHIN_MS = 120_000

/** By class, the number of objects and their own bytes. The snapshot collects garbage first. */
export async function heapByClass(pid, folder) {
  const before = new Set(snapshotsIn(folder))
  process.kill(pid, 'SIGUSR2')
  const file = await written(folder, before)
  const { snapshot, nodes, strings } = JSON.parse(readFileSync(file, 'utf8'))
  rmSync(file)
  const { node_fields: fields, node_types: types } = snapshot.meta
  const [type, name, size] = ['type', 'name', 'self_size'].map((field) => fields.indexOf(field))
  const classes = new Map()
  for (let at = 0; at < nodes.length; at += fields.length) {
    const kind = types[type][nodes[at + type]]
    // Texts and code differ in their names, and are one class each.
    const isNamed = kind === 'object' || kind === 'closure' || kind === 'native' || kind === 'object shape'
    const key = isNamed ? `${kind} ${strings[nodes[at + name]]}` : kind
    const each = classes.get(key) ?? { count: 0, bytes: 0 }
    each.count++
    each.bytes += nodes[at + size]
    classes.set(key, each)
  }
  return classes
}

/** The growth of each class for each of `count`, the largest first. */
export function growthEach(before, after, count, most = 40) {
  return [...after]
    .map(([key, { count: n, bytes }]) => {
      const was = before.get(key) ?? { count: 0, bytes: 0 }
      return { key, bytesEach: (bytes - was.bytes) / count, objectsEach: (n - was.count) / count }
    })
    .filter(({ bytesEach }) => bytesEach >= 8)
    .sort((a, b) => b.bytesEach - a.bytesEach)
    .slice(0, most)
}

/** The file that is there now and does not grow any more. */
async function written(folder, before) {
  const end = performance.now() + WRITTEN_WITHIN_MS
  let sizes = []
  while (performance.now() < end) {
    const name = snapshotsIn(folder).find((each) => !before.has(each))
    const size = name !== undefined && existsSync(join(folder, name)) ? statSync(join(folder, name)).size : 0
    sizes = [...sizes, size].slice(-4)
    if (size > 0 && sizes.length === 4 && sizes.every((each) => each === size)) return join(folder, name)
    await sleep(500)
  }
  throw new Error('no heap snapshot was written')
}

const snapshotsIn = (folder) => readdirSync(folder).filter((name) => name.endsWith('.heapsnapshot'))

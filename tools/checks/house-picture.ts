import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ROOT } from './repository.ts'

/** One workspace: what it is and which others it names in its package.json. */
interface Room {
  readonly path: string
  readonly says: string
  readonly needs: readonly string[]
}

const manifest = z.looseObject({
  name: z.string(),
  description: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})

const BOX = { width: 236, height: 64, gapX: 24, gapY: 56, margin: 24 }

/** The rooms and who may know whom, drawn from their package.json files: a room stands above all that it imports. */
export function housePicture(): string {
  const rooms = readRooms()
  const rows = floorsOf(rooms)
  const width = Math.max(...rows.map((row) => rowWidth(row.length))) + 2 * BOX.margin
  const height = rows.length * (BOX.height + BOX.gapY) - BOX.gapY + 2 * BOX.margin
  const places = new Map<string, Place>()
  for (const [floor, row] of rows.entries()) {
    const left = (width - rowWidth(row.length)) / 2
    for (const [at, { path }] of underTheirUsers(row, rooms, places).entries())
      places.set(path, {
        x: left + at * (BOX.width + BOX.gapX),
        y: BOX.margin + floor * (BOX.height + BOX.gapY),
      })
  }
  const placeOf = (path: string) => places.get(path) ?? { x: 0, y: 0 }
  const lines = rooms.flatMap((room) =>
    nearest(room, rooms).map((to) => line(placeOf(room.path), placeOf(to))),
  )
  const boxes = rooms.map((room) => box(room, placeOf(room.path)))
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t">
<title id="t">The rooms of the house; a line leads from a room down to one that it imports</title>
<style>
rect { fill: #f6f8fa; stroke: #57606a; rx: 8px }
.app { fill: #ddf4ff }
path { fill: none; stroke: #57606a }
text { font: 600 14px system-ui, sans-serif; fill: #1f2328 }
.says { font-weight: 400; font-size: 11px; fill: #57606a }
@media (prefers-color-scheme: dark) {
rect { fill: #161b22; stroke: #8b949e }
.app { fill: #0c2d6b }
path { stroke: #8b949e }
text { fill: #e6edf3 }
.says { fill: #b1bac4 }
}
</style>
${[...lines, ...boxes].join('\n')}
</svg>
`
}

function readRooms(): readonly Room[] {
  // Backwards by name: the broker stands above the stores then.
  const folders = ['packages', 'apps'].flatMap((top) =>
    readdirSync(join(ROOT, top))
      .sort()
      .reverse()
      .map((name) => `${top}/${name}`),
  )
  const read = folders.map((path) => ({
    path,
    told: manifest.parse(JSON.parse(readFileSync(join(ROOT, path, 'package.json'), 'utf8'))),
  }))
  const byName = new Map(read.map(({ path, told }) => [told.name, path]))
  return read.map(({ path, told }) => ({
    path,
    says: told.description,
    needs: Object.keys({ ...told.dependencies, ...told.peerDependencies }).flatMap(
      (name) => byName.get(name) ?? [],
    ),
  }))
}

/** The top floor first. A room's floor is one above the highest that it needs; apps stand above all packages. */
function floorsOf(rooms: readonly Room[]): readonly (readonly Room[])[] {
  const groups = [rooms.filter(isApp), rooms.filter((room) => !isApp(room))]
  return groups.flatMap((group) => {
    const roomAt = new Map(group.map((room) => [room.path, room]))
    const floorOf = ({ needs }: Room): number =>
      Math.max(-1, ...needs.flatMap((path) => roomAt.get(path) ?? []).map(floorOf)) + 1
    const floors = group.map(floorOf)
    return [...new Set(floors)]
      .sort((one, other) => other - one)
      .map((floor) => group.filter((_, at) => floors[at] === floor))
  })
}

const isApp = ({ path }: Room): boolean => path.startsWith('apps/')

/** What a room needs, without what it reaches through another room anyway. */
function nearest({ needs }: Room, rooms: readonly Room[]): readonly string[] {
  const below = (path: string): readonly string[] =>
    (rooms.find((room) => room.path === path)?.needs ?? []).flatMap((each) => [each, ...below(each)])
  const reached = new Set(needs.flatMap(below))
  return needs.filter((path) => !reached.has(path))
}

/** A row from left to right, so that lines cross little: each room about below those that need it. */
function underTheirUsers(
  row: readonly Room[],
  rooms: readonly Room[],
  places: ReadonlyMap<string, Place>,
): readonly Room[] {
  const middle = ({ path }: Room): number => {
    const users = rooms.filter((room) => nearest(room, rooms).includes(path))
    const xs = users.flatMap((user) => places.get(user.path)?.x ?? [])
    return xs.length === 0 ? 0 : xs.reduce((sum, x) => sum + x, 0) / xs.length
  }
  return row.toSorted((one, other) => middle(one) - middle(other))
}

const rowWidth = (count: number): number => count * (BOX.width + BOX.gapX) - BOX.gapX

type Place = { readonly x: number; readonly y: number }

/** Straight down past the floors between, then over to its end. */
function line(from: Place, to: Place): string {
  const [x1, y1, x2, y2] = [from.x + BOX.width / 2, from.y + BOX.height, to.x + BOX.width / 2, to.y]
  const bend = BOX.gapY * 0.8
  const turn = y2 - BOX.gapY
  return `<path d="M${x1} ${y1}V${turn}C${x1} ${turn + bend} ${x2} ${y2 - bend} ${x2} ${y2}"/>`
}

function box(room: Room, { x, y }: Place): string {
  const { path, says } = room
  const kind = isApp(room) ? ' class="app"' : ''
  const [first = '', second = ''] = twoLines(says)
  return `<rect${kind} x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}"/>
<text x="${x + 12}" y="${y + 22}">${path}</text>
<text class="says" x="${x + 12}" y="${y + 39}">${first}</text>
<text class="says" x="${x + 12}" y="${y + 54}">${second}</text>`
}

const LINE_CHARS = 36

function twoLines(says: string): readonly string[] {
  const cut = says.length <= LINE_CHARS ? says.length : says.lastIndexOf(' ', LINE_CHARS)
  return [says.slice(0, cut), says.slice(cut + 1)]
}

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ROOT, say } from './steps.mjs'

const FOLDER = join(ROOT, 'packed', 'release')
const LICENCES = 'THIRD-PARTY-LICENCES.txt'
/** Notes of a first release would have the whole history. */
const NOTES_COMMITS_MAX = 200

/**
 * Makes the files of a release from its packed tarball: the tarball, its licences, a CycloneDX SBOM, notes, SHA256SUMS. Uploads
 * nothing. Answers an exit code.
 * @param isDry a try: the clone may have changes that are not committed
 */
export function makeRelease(tarball, { isDry, to = FOLDER }) {
  const changed = git(['status', '--porcelain']).trim()
  if (changed !== '' && !isDry) {
    say('A release is made of a commit: commit or remove these changes first, or try it with --dry-run.')
    say(changed)
    return 1
  }
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  rmSync(to, { recursive: true, force: true })
  mkdirSync(to, { recursive: true })
  const name = basename(tarball)
  cpSync(tarball, join(to, name))
  const licences = execFileSync('tar', ['-xzOf', tarball, `package/${LICENCES}`], { maxBuffer: 2 ** 26 })
  writeFileSync(join(to, LICENCES), licences)
  const hash = sha256(readFileSync(tarball))
  const bill = billOfMaterials({
    version,
    hash,
    licences: licences.toString(),
    date: git(['show', '-s', '--format=%cI']).trim(),
  })
  writeFileSync(join(to, `latchkey-${version}.cdx.json`), `${JSON.stringify(bill, null, 2)}\n`)
  writeFileSync(join(to, 'NOTES.md'), notes(version, hash, name))
  const files = readdirSync(to).sort()
  const sums = files.map((file) => `${sha256(readFileSync(join(to, file)))}  ${file}\n`)
  writeFileSync(join(to, 'SHA256SUMS'), sums.join(''))
  say(`${isDry ? 'A try of a release' : 'The release'} is in ${to}:`)
  for (const line of sums) process.stdout.write(line)
  say('docs/recipes/release.md says how a person publishes it.')
  return 0
}

/** The packages in the tarball as CycloneDX 1.6, found by the licences in it; the same for the same tarball and commit. */
function billOfMaterials({ version, hash, licences, date }) {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  const integrityOf = new Map(
    Object.entries(packages).flatMap(([path, { name, version: locked, integrity }]) =>
      integrity === undefined
        ? []
        : [[`${name ?? path.slice(path.lastIndexOf('node_modules/') + 13)} ${locked}`, integrity]],
    ),
  )
  const components = componentsIn(licences).map(({ name, version: each, licence }) => {
    const integrity = integrityOf.get(`${name} ${each}`)
    const purl = `pkg:npm/${name.replace('@', '%40')}@${each}`
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version: each,
      purl,
      ...(licence === null
        ? {}
        : { licenses: [/[ ()]/.test(licence) ? { expression: licence } : { license: { id: licence } }] }),
      ...(integrity?.startsWith('sha512-')
        ? { hashes: [{ alg: 'SHA-512', content: Buffer.from(integrity.slice(7), 'base64').toString('hex') }] }
        : {}),
    }
  })
  const ref = `pkg:npm/latchkey@${version}`
  const program = {
    type: 'application',
    'bom-ref': ref,
    name: 'latchkey',
    version,
    purl: ref,
    licenses: [{ license: { id: 'MIT' } }],
    hashes: [{ alg: 'SHA-256', content: hash }],
  }
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(hash)}`,
    version: 1,
    metadata: { timestamp: new Date(date).toISOString(), component: program },
    components,
    dependencies: [{ ref, dependsOn: components.map((each) => each['bom-ref']) }],
  }
}

/** The packages whose licences a text has, by its headings: `name version (licence)`. */
function componentsIn(licences) {
  const sections = licences.split(`\n${'-'.repeat(72)}\n\n`)
  return sections.flatMap((section) => {
    const [, name, version, licence] = /^(\S+) (\S+) \((.*)\)$/m.exec(section.split('\n', 1)[0] ?? '') ?? []
    return name === undefined ? [] : [{ name, version, licence: licence === 'see below' ? null : licence }]
  })
}

/** A UUID (RFC 9562, version 8) of a hash, so that the same release has the same number. */
const uuidOf = (hash) =>
  `${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`

function notes(version, hash, name) {
  const since = lastTag()
  const range = since === null ? 'HEAD' : `${since}..HEAD`
  const titles = git(['log', '--no-merges', `--max-count=${NOTES_COMMITS_MAX}`, '--format=%s', range])
    .trim()
    .split('\n')
  const byRoom = new Map()
  for (const title of titles) {
    const [, room = 'other', what = title] = /^(\w+): (.*)$/.exec(title) ?? []
    byRoom.set(room, [...(byRoom.get(room) ?? []), what])
  }
  const rooms = [...byRoom].sort(([one], [other]) => (one < other ? -1 : 1))
  return [
    `# Latchkey ${version}`,
    '',
    `\`${name}\`, sha256 \`${hash}\``,
    '',
    since === null ? `The newest changes, at most ${NOTES_COMMITS_MAX}:` : `Changes since ${since}:`,
    ...rooms.flatMap(([room, changes]) => ['', `## ${room}`, '', ...changes.map((each) => `- ${each}`)]),
    '',
  ].join('\n')
}

function lastTag() {
  try {
    return git(['describe', '--tags', '--abbrev=0', '--match', 'v*'], ['ignore', 'pipe', 'ignore']).trim()
  } catch {
    return null
  }
}

const git = (args, stdio = ['ignore', 'pipe', 'inherit']) =>
  execFileSync('git', args, { cwd: ROOT, stdio, maxBuffer: 2 ** 26 }).toString()
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex')

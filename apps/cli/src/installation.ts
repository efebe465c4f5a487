import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FILE_LIST } from '@latchkey/broker/install/file-list'

/** How the Latchkey that runs here came to this machine, and its folder. */
export type Installation =
  | { readonly by: 'clone'; readonly folder: string }
  | { readonly by: 'npm'; readonly folder: string }
  /** by a broker's line: releases in `home/versions`, the one in use behind `home/current` */
  | { readonly by: 'broker'; readonly folder: string; readonly home: string }

/** An installed release has its programs in `dist`, beside the list of its files. A clone's are in `apps/cli/dist/bundle`. */
const FOLDER = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')

export function installation(folder = FOLDER): Installation {
  if (!existsSync(join(folder, FILE_LIST)))
    return { by: 'clone', folder: folder.replace(/\/apps\/cli(\/dist)?$/, '') }
  const home = dirname(dirname(folder))
  return basename(dirname(folder)) === 'versions' && existsSync(join(home, 'current'))
    ? { by: 'broker', folder, home }
    : { by: 'npm', folder }
}

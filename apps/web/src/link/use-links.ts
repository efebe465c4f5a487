import type { AppLink } from '@latchkey/connection/app/link'
import type { LinkState } from '@latchkey/connection/app/link-state'
import { subject } from '@latchkey/connection/observable'
import type { TerminalInfo } from '@latchkey/protocol/terminal/messages'
import { useEffect, useState } from 'preact/hooks'
import type { KnownRunner } from '../runner-book.ts'
import { useObservable } from '../use-observable.ts'

/** The link to a machine; null until the connecting part is loaded, or when too many are open. */
export function useLink(runner: KnownRunner): AppLink | null {
  const [link, setLink] = useState<AppLink | null>(null)
  useEffect(() => {
    let left = false
    void import('./links.ts').then(({ linkTo }) => {
      if (!left) setLink(linkTo(runner))
    })
    return () => {
      left = true
    }
  }, [runner.runnerId])
  return link
}

/** Links to all of these machines, as many as may be open at once. */
export function useAllLinks(runners: readonly KnownRunner[]): void {
  useEffect(() => {
    void import('./links.ts').then(({ linkTo }) => {
      for (const runner of runners) linkTo(runner)
    })
  }, [runners.length])
}

const CONNECTING = subject<LinkState>({ status: 'connecting', failure: null, nextTryAtMs: null })
const NO_TERMINALS = subject<readonly TerminalInfo[]>([])

export const useLinkState = (link: AppLink | null): LinkState => useObservable(link?.state ?? CONNECTING)
export const useTerminals = (link: AppLink | null): readonly TerminalInfo[] =>
  useObservable(link?.terminals ?? NO_TERMINALS)

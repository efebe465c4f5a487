import type { TerminalStatus } from './terminal-status.ts'

/**
 * Titles by which agents tell their state, as they were seen (codex 0.171.0, gemini-cli 0.61.0, Claude Code by its published
 * screens). The first pattern that fits counts. A title that fits none says nothing.
 */
export const TITLE_PATTERNS: readonly {
  readonly program: string
  readonly pattern: RegExp
  readonly state: TerminalStatus['state']
  readonly kind?: TerminalStatus['kind']
}[] = [
  { program: 'codex', pattern: /^\[ ?[!.] ?\] Action Required\b/, state: 'needs-you', kind: 'permission' },
  { program: 'gemini', pattern: /^✋ {1,2}Action Required\b/u, state: 'needs-you', kind: 'permission' },
  { program: 'gemini', pattern: /^✦ {1,2}Working…/u, state: 'working' },
  { program: 'gemini', pattern: /^◇ {1,2}Ready\b/u, state: 'idle' },
  { program: 'claude', pattern: /^[⠀-⣿] \S/u, state: 'working' },
  { program: 'claude', pattern: /^✳ \S/u, state: 'idle' },
]

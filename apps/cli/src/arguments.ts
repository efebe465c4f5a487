import { parseArgs } from 'node:util'
import { nearest } from '@latchkey/broker/config/suggestion'
import type { Command, CommandOption } from './command.ts'
import { optionsOf } from './common-options.ts'

/** What the arguments of a command say, or everything that is wrong with them. */
export type Arguments =
  | {
      readonly ok: true
      readonly texts: ReadonlyMap<string, string>
      readonly switches: ReadonlySet<string>
      readonly words: readonly string[]
    }
  | { readonly ok: false; readonly problems: readonly string[] }

/** Reads the arguments after a command's name. Problems are all listed, not only the first. */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const options = optionsOf(command)
  const { tokens } = parseArgs({ args: [...args], options: forParser(options), strict: false, tokens: true })
  const texts = new Map<string, string>()
  const switches = new Set<string>()
  const words: string[] = []
  const problems: string[] = []
  /** where the value of an option that there is not would stand: part of one problem, not another */
  let strayValueAt = -1
  for (const token of tokens) {
    if (token.kind === 'positional' && token.index !== strayValueAt) words.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    const missing = token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))
    if (option === undefined) {
      problems.push(unknownOption(token.rawName, Object.keys(options)))
      strayValueAt = token.index + 1
    } else if (option.type === 'string' && missing)
      problems.push(`${token.rawName} needs a value: --${token.name} ${option.value ?? 'VALUE'}.`)
    else if (option.type === 'string' && option.isList === true)
      texts.set(token.name, [texts.get(token.name) ?? [], token.value ?? ''].flat().join(','))
    else if (option.type === 'string') texts.set(token.name, token.value ?? '')
    else if (token.value !== undefined) problems.push(`--${token.name} takes no value.`)
    else switches.add(token.name)
  }
  const spare = words[command.wordsMax]
  if (spare !== undefined) problems.push(`"${spare}" is too much: ${usageOf(command)}.`)
  return problems.length > 0 ? { ok: false, problems } : { ok: true, texts, switches, words }
}

export const usageOf = (command: Command): string =>
  ['latchkey', command.name, command.words, '[options]'].filter((part) => part !== '').join(' ')

const forParser = (options: Readonly<Record<string, CommandOption>>) =>
  Object.fromEntries(
    Object.entries(options).map(([name, { type, short }]) => [
      name,
      short === undefined ? { type } : { type, short },
    ]),
  )

function unknownOption(typed: string, known: readonly string[]): string {
  const meant = nearest(typed.replace(/^-+/, ''), known)
  return meant === null
    ? `There is no option ${typed}.`
    : `There is no option ${typed}. Did you mean --${meant}?`
}

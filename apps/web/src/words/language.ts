import { subject } from '@latchkey/connection/observable'
import { keep, kept } from '../kept.ts'
import { useObservable } from '../use-observable.ts'
import { en, type Words } from './en.ts'

export const LANGUAGES = ['en', 'ru', 'zh'] as const
export type Language = (typeof LANGUAGES)[number]

/** Each language under its own name, for the switch; here so that the other two need not be loaded to be named. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  ru: 'Русский',
  zh: '中文',
}

const isLanguage = (value: string): value is Language => LANGUAGES.some((each) => each === value)

/** The first of a person's languages that the pages speak. */
export function languageOf(preferred: readonly string[]): Language {
  for (const tag of preferred) {
    const primary = tag.toLowerCase().split('-')[0] ?? ''
    if (isLanguage(primary)) return primary
  }
  return 'en'
}

/** The words in use. Changes when somebody switches; every page draws itself again then. */
export const words = subject<Words>(en)

/** The words in use, for a component. */
export const useWords = (): Words => useObservable(words)

async function load(language: Language): Promise<Words> {
  switch (language) {
    case 'en':
      return en
    case 'ru':
      return (await import('./ru.ts')).ru
    case 'zh':
      return (await import('./zh.ts')).zh
  }
}

async function speak(language: Language): Promise<void> {
  const chosen = await load(language)
  document.documentElement.lang = chosen.tag
  words.set(chosen)
}

/** Before the first drawing: the chosen language, else the browser's. */
export async function startLanguage(): Promise<void> {
  const chosen = kept('language')
  await speak(chosen !== null && isLanguage(chosen) ? chosen : languageOf(navigator.languages)).catch(
    () => {},
  )
}

export async function chooseLanguage(language: Language): Promise<void> {
  keep('language', language)
  await speak(language)
}

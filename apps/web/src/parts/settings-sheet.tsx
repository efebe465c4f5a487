import { useEffect, useState } from 'preact/hooks'
import { chooseEcho, ECHO_SETTINGS, echoSetting } from '../echo-setting.ts'
import { withheld } from '../platform.ts'
import { keepsProtectedKeys } from '../seal/seal-base.ts'
import { chooseTheme, THEMES, theme } from '../theme.ts'
import { useObservable } from '../use-observable.ts'
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, useWords } from '../words/language.ts'
import { Dialog } from './dialog.tsx'
import { PlaceLink } from './place-link.tsx'

/** The choices about the pages themselves: language and theme; and the limits of this address. */
export function SettingsSheet({ onClose }: { readonly onClose: () => void }) {
  const text = useWords()
  const chosen = useObservable(theme)
  const echo = useObservable(echoSetting)
  const [isProtected, setProtected] = useState<boolean | null>(null)
  useEffect(() => {
    void keepsProtectedKeys().then(setProtected)
  }, [])
  const themeNames = { system: text.themeSystem, dark: text.themeDark, light: text.themeLight }
  return (
    <Dialog title={text.settings} onClose={onClose}>
      <div class="stack">
        <div>
          <p class="label">{text.language}</p>
          <div class="seg" role="group" aria-label={text.language}>
            {LANGUAGES.map((language) => (
              <button
                key={language}
                type="button"
                lang={language}
                aria-pressed={text.tag === language}
                onClick={() => void chooseLanguage(language)}
              >
                {LANGUAGE_NAMES[language]}
              </button>
            ))}
          </div>
        </div>
        <div>
          <p class="label">{text.theme}</p>
          <div class="seg" role="group" aria-label={text.theme}>
            {THEMES.map((each) => (
              <button
                key={each}
                type="button"
                aria-pressed={chosen === each}
                onClick={() => chooseTheme(each)}
              >
                {themeNames[each]}
              </button>
            ))}
          </div>
        </div>
        <div>
          <p class="label">{text.typing.echo}</p>
          <div class="seg" role="group" aria-label={text.typing.echo}>
            {ECHO_SETTINGS.map((each) => (
              <button key={each} type="button" aria-pressed={echo === each} onClick={() => chooseEcho(each)}>
                {each === 'auto' ? text.typing.echoAuto : text.typing.echoOff}
              </button>
            ))}
          </div>
          <p class="small dim">{text.typing.echoText}</p>
        </div>
        <div>
          <p class="label">{text.push.title}</p>
          <PlaceLink class="btn block" to={{ page: 'notifications' }}>
            {text.push.openText}
          </PlaceLink>
        </div>
        {isProtected === null ? null : (
          <div>
            <p class="label">{text.seal.kept}</p>
            <p class="small dim">{isProtected ? text.seal.keptSafeText : text.seal.keptRawText}</p>
          </div>
        )}
        <div>
          <p class="label">{text.aboutInstall}</p>
          <p class="small dim">{withheld.install() ? text.aboutInstallNotHere : text.aboutInstallHere}</p>
        </div>
      </div>
    </Dialog>
  )
}

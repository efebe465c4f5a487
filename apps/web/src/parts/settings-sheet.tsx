import { useEffect, useState } from 'preact/hooks'
import { chooseEcho, ECHO_SETTINGS, echoSetting } from '../echo-setting.ts'
import { withheld } from '../platform.ts'
import { canStayAwake, chooseAwake, staysAwake } from '../screen-awake.ts'
import { keepsProtectedKeys } from '../seal/seal-base.ts'
import { chooseTheme, THEMES, theme } from '../theme.ts'
import { useObservable } from '../use-observable.ts'
import { chooseLanguage, LANGUAGE_NAMES, LANGUAGES, useWords } from '../words/language.ts'
import { Dialog } from './dialog.tsx'
import { SegmentsField } from './fields.tsx'
import { PlaceLink } from './place-link.tsx'

/** The choices about the pages themselves: language and theme; and the limits of this address. */
export function SettingsSheet({ onClose }: { readonly onClose: () => void }) {
  const text = useWords()
  const chosen = useObservable(theme)
  const echo = useObservable(echoSetting)
  const awake = useObservable(staysAwake)
  const [isProtected, setProtected] = useState<boolean | null>(null)
  useEffect(() => {
    void keepsProtectedKeys().then(setProtected)
  }, [])
  const themeNames = { system: text.themeSystem, dark: text.themeDark, light: text.themeLight }
  const echoNames = { auto: text.typing.echoAuto, off: text.typing.echoOff }
  return (
    <Dialog title={text.settings} onClose={onClose}>
      <div class="stack">
        <SegmentsField
          label={text.language}
          chosen={LANGUAGES.find((language) => language === text.tag) ?? 'en'}
          all={LANGUAGES.map((language) => [language, LANGUAGE_NAMES[language]])}
          areLanguages
          onChoose={(language) => void chooseLanguage(language)}
        />
        <SegmentsField
          label={text.theme}
          chosen={chosen}
          all={THEMES.map((each) => [each, themeNames[each]])}
          onChoose={chooseTheme}
        />
        <SegmentsField
          label={text.typing.echo}
          chosen={echo}
          all={ECHO_SETTINGS.map((each) => [each, echoNames[each]])}
          note={text.typing.echoText}
          onChoose={chooseEcho}
        />
        {canStayAwake() ? (
          <SegmentsField
            label={text.awake}
            chosen={awake}
            all={[
              [false, text.awakeOff],
              [true, text.awakeOn],
            ]}
            onChoose={chooseAwake}
          />
        ) : null}
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

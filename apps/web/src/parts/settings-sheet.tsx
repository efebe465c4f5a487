import { useEffect, useState } from 'preact/hooks'
import { chooseEcho, ECHO_SETTINGS, echoSetting } from '../echo-setting.ts'
import { withheld } from '../platform.ts'
import { canStayAwake, chooseAwake, staysAwake } from '../screen-awake.ts'
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
  const awake = useObservable(staysAwake)
  const [isProtected, setProtected] = useState<boolean | null>(null)
  useEffect(() => {
    void keepsProtectedKeys().then(setProtected)
  }, [])
  const themeNames = { system: text.themeSystem, dark: text.themeDark, light: text.themeLight }
  return (
    <Dialog title={text.settings} onClose={onClose}>
      <div class="stack">
        <Choice
          label={text.language}
          values={LANGUAGES}
          chosen={text.tag}
          says={(language) => LANGUAGE_NAMES[language]}
          isLanguage
          onChoose={(language) => void chooseLanguage(language)}
        />
        <Choice
          label={text.theme}
          values={THEMES}
          chosen={chosen}
          says={(each) => themeNames[each]}
          onChoose={chooseTheme}
        />
        <Choice
          label={text.typing.echo}
          values={ECHO_SETTINGS}
          chosen={echo}
          says={(each) => (each === 'auto' ? text.typing.echoAuto : text.typing.echoOff)}
          note={text.typing.echoText}
          onChoose={chooseEcho}
        />
        {canStayAwake() ? (
          <Choice
            label={text.awake}
            values={[false, true]}
            chosen={awake}
            says={(on) => (on ? text.awakeOn : text.awakeOff)}
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

/** One of a few values, side by side. */
function Choice<Value extends string | boolean>(props: {
  readonly label: string
  readonly values: readonly Value[]
  readonly chosen: string | boolean
  readonly says: (value: Value) => string
  readonly note?: string
  /** each value is a language, in whose own words it is said */
  readonly isLanguage?: boolean
  readonly onChoose: (value: Value) => void
}) {
  const { label, values, chosen, says, note, isLanguage = false, onChoose } = props
  return (
    <div>
      <p class="label">{label}</p>
      <div class="seg" role="group" aria-label={label}>
        {values.map((value) => (
          <button
            key={String(value)}
            type="button"
            {...(isLanguage ? { lang: String(value) } : {})}
            aria-pressed={chosen === value}
            onClick={() => onChoose(value)}
          >
            {says(value)}
          </button>
        ))}
      </div>
      {note === undefined ? null : <p class="small dim">{note}</p>}
    </div>
  )
}

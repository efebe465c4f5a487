import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { useObservable } from '../../use-observable.ts'
import { useWords } from '../../words/language.ts'
import { BAR_KEYS, type BarKey, keysOf, snippetKey } from '../keys/bar-keys.ts'
import { changeSet, keySets, restoreSet, snippets } from '../keys/edited-keys.ts'
import {
  isDefault,
  SET_KEYS_MAX,
  SET_NAMES,
  type SetName,
  withAdded,
  withMoved,
  withRemoved,
} from '../keys/key-sets.ts'
import type { Snippet } from '../keys/snippets.ts'
import { canVibrate, chooseVibration, vibrates } from '../keys/vibration.ts'
import { labelOf } from './key-bar.tsx'
import { SnippetForm } from './snippet-form.tsx'

/** The person's keys: which stand in which rows, the snippets, and whether they are felt. */
export function KeyEditor({ secret, onClose }: { readonly secret: boolean; readonly onClose: () => void }) {
  const { keyBar } = useWords()
  const [set, setSet] = useState<SetName>('shell')
  const [snippet, setSnippet] = useState<Snippet | 'new' | null>(null)
  if (snippet !== null)
    return <SnippetForm snippet={snippet === 'new' ? null : snippet} onClose={() => setSnippet(null)} />
  return (
    <Dialog title={keyBar.title} onClose={onClose}>
      <div class="stack key-editor">
        <div class="field">
          <label for="key-set">{keyBar.rowsOf}</label>
          <select
            id="key-set"
            class="input"
            value={set}
            onChange={(event) =>
              setSet(SET_NAMES.find((name) => name === event.currentTarget.value) ?? 'shell')
            }
          >
            {SET_NAMES.map((name) => (
              <option key={name} value={name}>
                {keyBar.sets[name]}
              </option>
            ))}
          </select>
          {set === 'shell' || set === 'more' ? null : <p class="hint">{keyBar.comes}</p>}
        </div>
        <Rows key={set} set={set} />
        <Snippets secret={secret} onEdit={setSnippet} />
        {canVibrate() ? <Vibration /> : null}
      </div>
    </Dialog>
  )
}

/** The keys of one set, the chosen one's ways, and all keys that are not in it. */
function Rows({ set }: { readonly set: SetName }) {
  const text = useWords()
  const { keyBar } = text
  const sets = useObservable(keySets)
  const own = useObservable(snippets)
  const ids = sets[set]
  const [chosen, choose] = useState<string | null>(null)
  const picked = keysOf(ids, own).find(({ id }) => id === chosen) ?? null
  const others = [...BAR_KEYS, ...own.map(snippetKey)].filter(({ id }) => !ids.includes(id))
  const isFull = ids.length >= SET_KEYS_MAX
  const change = (next: readonly string[]) => changeSet(set, next)
  const name = picked === null ? '' : nameOf(picked, text)
  return (
    <>
      <div class="keys edited" role="group" aria-label={keyBar.sets[set]}>
        {keysOf(ids, own).map((key) => (
          <EditedKey
            key={key.id}
            bar={key}
            pressed={key.id === chosen}
            onPick={() => choose(key.id === chosen ? null : key.id)}
          />
        ))}
      </div>
      {picked === null ? (
        <p class="small dim">{keyBar.pick}</p>
      ) : (
        <div class="row-btns key-ways">
          <button
            type="button"
            class="btn"
            aria-label={keyBar.earlier(name)}
            onClick={() => change(withMoved(ids, picked.id, -1))}
          >
            <Icon name="back" />
          </button>
          <button
            type="button"
            class="btn"
            aria-label={keyBar.later(name)}
            onClick={() => change(withMoved(ids, picked.id, 1))}
          >
            <Icon name="forward" />
          </button>
          <button
            type="button"
            class="btn"
            aria-label={keyBar.removeKey(name)}
            aria-disabled={ids.length <= 1}
            onClick={() => {
              change(withRemoved(ids, picked.id))
              choose(null)
            }}
          >
            {keyBar.remove}
          </button>
        </div>
      )}
      <details class="more-keys">
        <summary>
          {keyBar.add}
          <Icon name="unfold" small />
        </summary>
        <p class="small dim">
          {isFull ? keyBar.full(SET_KEYS_MAX) : picked === null ? keyBar.toEnd : keyBar.before(name)}
        </p>
        <div class="keys edited" role="group" aria-label={keyBar.add}>
          {others.map((key) => (
            <EditedKey
              key={key.id}
              bar={key}
              off={isFull}
              label={keyBar.addKey(nameOf(key, text))}
              onPick={() => change(withAdded(ids, key.id, picked?.id ?? null))}
            />
          ))}
        </div>
      </details>
      <button
        type="button"
        class="btn block"
        aria-disabled={isDefault(sets, set)}
        onClick={() => {
          restoreSet(set)
          choose(null)
        }}
      >
        {keyBar.restore}
      </button>
    </>
  )
}

const nameOf = (key: BarKey, text: ReturnType<typeof useWords>): string =>
  key.name === null ? labelOf(key, text) : text.keys[key.name]

function EditedKey(props: {
  readonly bar: BarKey
  readonly pressed?: boolean
  readonly off?: boolean
  readonly label?: string
  readonly onPick: () => void
}) {
  const text = useWords()
  const { bar, pressed, off = false } = props
  const label = labelOf(bar, text)
  return (
    <button
      type="button"
      class={`key${bar.symbol === true ? ' sym' : ''}${label.length > 5 ? ' long' : ''}`}
      aria-label={props.label ?? nameOf(bar, text)}
      {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
      {...(off ? { 'aria-disabled': true } : {})}
      onClick={props.onPick}
    >
      {bar.kind === 'paste' ? <Icon name="clipboard" /> : <span>{label}</span>}
    </button>
  )
}

function Snippets(props: { readonly secret: boolean; readonly onEdit: (snippet: Snippet | 'new') => void }) {
  const { keyBar } = useWords()
  const list = useObservable(snippets)
  return (
    <div>
      <p class="label">{keyBar.snippets}</p>
      <p class="small dim">{props.secret ? keyBar.notNow : keyBar.snippetsText}</p>
      <ul class="items">
        {list.map((snippet) => (
          <li key={snippet.id}>
            <button type="button" class="item" onClick={() => props.onEdit(snippet)}>
              <Icon name="pencil" />
              <span class="grow trunc">{snippet.name}</span>
              <span class="meta mono trunc">{snippet.text.split('\n')[0]}</span>
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="btn block"
        aria-disabled={props.secret}
        onClick={() => !props.secret && props.onEdit('new')}
      >
        <Icon name="plus" />
        {keyBar.newSnippet}
      </button>
    </div>
  )
}

function Vibration() {
  const { keyBar } = useWords()
  const on = useObservable(vibrates)
  return (
    <label class="copy-always">
      <input
        type="checkbox"
        checked={on}
        onChange={(event) => chooseVibration(event.currentTarget.checked)}
      />
      {keyBar.vibrate}
    </label>
  )
}

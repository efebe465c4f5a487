import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { useWords } from '../words/language.ts'
import { IconButton } from './icon-button.tsx'

interface DialogProps {
  readonly title: string
  /** room for two columns on a desktop */
  readonly wide?: boolean
  /** further classes */
  readonly look?: string
  /** before the title */
  readonly mark?: ComponentChildren
  /** a line below the title; the focus begins on the title then */
  readonly sub?: string
  readonly closeLabel?: string
  /** always in sight, below what scrolls */
  readonly foot?: ComponentChildren
  readonly onClose: () => void
  readonly children: ComponentChildren
}

/**
 * A sheet from below on a phone, centred on wider windows. The browser's own modal dialog: it keeps the focus inside, closes
 * on Escape, gives the focus back, and makes the rest inert.
 */
export function Dialog({ title, wide = false, look = '', onClose, children, ...more }: DialogProps) {
  const text = useWords()
  const { mark, sub, foot, closeLabel = text.close } = more
  const dialog = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const shown = dialog.current
    if (shown === null) return
    const opener = document.activeElement
    shown.showModal()
    const before = [...shown.querySelectorAll<HTMLElement>('[data-first]')]
    before[0]?.focus()
    return () => {
      shown.close()
      giveFocusTo(opener)
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={`dialog${wide ? ' wide' : ''} ${look}`.trim()}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onClick={(event) => {
        // A tap beside the sheet lands on the dialog itself, its backdrop.
        if (event.target === dialog.current) onClose()
      }}
    >
      <div class="inside">
        <div class="head">
          {mark}
          {sub === undefined ? (
            <h2 id={heading}>{title}</h2>
          ) : (
            <div class="grow">
              <h2 id={heading} tabIndex={-1} data-first>
                {title}
              </h2>
              <p class="who">{sub}</p>
            </div>
          )}
          <IconButton icon="cross" label={closeLabel} onClick={onClose} />
        </div>
        {children}
      </div>
      {foot === undefined ? null : <div class="foot">{foot}</div>}
    </dialog>
  )
}

/**
 * Back to what had the focus before the dialog. What opened it may be gone by then (a row that was removed, a menu that
 * closed): then the page's content gets it, so that a keyboard goes on from there and not from the top.
 */
function giveFocusTo(opener: Element | null): void {
  // After the drawing that ended the dialog, which may draw the opener anew or put up the next dialog.
  requestAnimationFrame(() => {
    const { activeElement: now } = document
    if (now !== null && now !== document.body) return
    const main = document.querySelector<HTMLElement>('main')
    const opened = opener instanceof HTMLElement && opener !== document.body && opener.isConnected
    if (!opened && main !== null && !main.hasAttribute('tabindex')) main.tabIndex = -1
    const target = opened ? opener : main
    target?.focus({ preventScroll: true })
  })
}

interface ConfirmProps {
  readonly title: string
  readonly text: string
  readonly yes: string
  readonly danger?: boolean
  readonly onYes: () => void
  readonly onClose: () => void
  readonly children?: ComponentChildren
}

/** A question with one consequence. The focus starts on the answer that changes nothing. */
export function Confirm({ title, text, yes, danger = false, onYes, onClose, children }: ConfirmProps) {
  const { cancel } = useWords()
  return (
    <Dialog title={title} onClose={onClose}>
      <p class="dim">{text}</p>
      {children}
      <div class="row-btns answers">
        <button type="button" class="btn" data-first onClick={onClose}>
          {cancel}
        </button>
        <button type="button" class={`btn ${danger ? 'danger' : 'primary'}`} onClick={onYes}>
          {yes}
        </button>
      </div>
    </Dialog>
  )
}

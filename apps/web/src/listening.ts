type Listens = <Name extends keyof HTMLElementEventMap>(
  type: Name,
  heard: (event: HTMLElementEventMap[Name]) => void,
) => void

/** Listens to events of `element` with the same options; `options.signal` ends it. */
export const listening =
  (element: HTMLElement, options: AddEventListenerOptions): Listens =>
  (type, heard) =>
    element.addEventListener(type, heard, options)

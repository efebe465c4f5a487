/** The drawn signs, 24 x 24, in strokes of the text's colour. */
const PATHS = {
  menu: <path d="M5 12h.01M12 12h.01M19 12h.01" stroke-width="3" />,
  back: <path d="m14.5 5-7 7 7 7" />,
  cross: <path d="M6 6l12 12M18 6 6 18" />,
  record: (
    <>
      <circle cx="12" cy="12" r="8.500" />
      <circle cx="12" cy="12" r="3" fill="currentColor" />
    </>
  ),
  plus: <path d="M12 5v14M5 12h14" />,
  check: <path d="m5 12.5 4.5 4.5L19 7.5" />,
  up: <path d="M12 19V5M6 11l6-6 6 6" />,
  stepUp: <path d="m6 14.5 6-6 6 6" />,
  stepDown: <path d="m6 9.5 6 6 6-6" />,
  toEnd: <path d="M12 5v14M6 13l6 6 6-6" />,
  server: (
    <>
      <rect x="4" y="4" width="16" height="7" rx="1.8" />
      <rect x="4" y="13" width="16" height="7" rx="1.8" />
      <path d="M8 7.5h.01M8 16.5h.01" stroke-width="2.4" />
    </>
  ),
  phone: (
    <>
      <rect x="7" y="2.8" width="10" height="18.4" rx="2.4" />
      <path d="M11 18h2" />
    </>
  ),
  terminal: (
    <>
      <rect x="3" y="4.5" width="18" height="15" rx="2.5" />
      <path d="m7 9.5 3 2.5-3 2.5M12.5 15H16" />
    </>
  ),
  home: <path d="M4 11 12 4l8 7v8.500a1 1 0 0 1-1 1h-4.500V15h-5v5.500H5a1 1 0 0 1-1-1z" />,
  list: <path d="M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01" />,
  sealed: (
    <>
      <path d="M12 3.2 19 6v5.4c0 4.3-2.8 7.4-7 9.4-4.2-2-7-5.1-7-9.4V6z" />
      <circle cx="12" cy="10.6" r="1.7" />
      <path d="M12 12.3v3" />
    </>
  ),
  laptop: (
    <>
      <rect x="5" y="5" width="14" height="10" rx="1.8" />
      <path d="M2.5 18.5h19" />
    </>
  ),
  unsealed: (
    <>
      <path d="M12 3.2 19 6v5.4c0 4.3-2.8 7.4-7 9.4-4.2-2-7-5.1-7-9.4V6z" />
      <path d="M5.5 5.5l13 13.5" />
    </>
  ),
  clipboard: (
    <>
      <rect x="5" y="5" width="14" height="16" rx="2" />
      <path d="M9 5V4a1 1 0 0 1 1-1h4a1 1 0 0 1 1 1v2H9zM9 12h6M9 16h4" />
    </>
  ),
  copy: (
    <>
      <rect x="8.500" y="8.500" width="11.500" height="11.500" rx="2" />
      <path d="M15.500 8.500V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v7.500a2 2 0 0 0 2 2h2.500" />
    </>
  ),
  alert: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7.500v5.200M12 16.200h.01" />
    </>
  ),
  clock: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7v5.300l3.300 2" />
    </>
  ),
  noLink: (
    <path d="M3 3l18 18M8.500 16a5 5 0 0 1 6.600-.4M5 12.500A10 10 0 0 1 9 10M19 12.500a10 10 0 0 0-5.500-2.800M2 9a15 15 0 0 1 4.300-2.700M22 9a15 15 0 0 0-11.400-3.800M12 19.500h.01" />
  ),
  again: <path d="M20 12a8 8 0 1 1-2.300-5.600L20 8.500M20 4v4.500h-4.500" />,
  eye: (
    <>
      <path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z" />
      <circle cx="12" cy="12" r="2.800" />
    </>
  ),
  reader: <path d="M4 6h16M4 10.500h16M4 15h10M4 19.500h7" />,
  file: (
    <>
      <path d="M7 3.500h7l4.500 4.500V19a1.500 1.500 0 0 1-1.500 1.500H7A1.500 1.500 0 0 1 5.500 19V5A1.500 1.500 0 0 1 7 3.500z" />
      <path d="M13.500 3.500V8.500h5M9 13h6M9 16.500h4" />
    </>
  ),
  picture: (
    <>
      <rect x="3.500" y="5" width="17" height="14" rx="2" />
      <circle cx="8.500" cy="9.500" r="1.500" />
      <path d="m4 17 5-4 3.500 3 3-2.500 5 4" />
    </>
  ),
  scan: (
    <path d="M8 4H5.500A1.500 1.500 0 0 0 4 5.500V8M16 4h2.500A1.500 1.500 0 0 1 20 5.500V8M8 20H5.500A1.500 1.500 0 0 1 4 18.500V16M16 20h2.500a1.500 1.500 0 0 0 1.500-1.500V16M8 12h8" />
  ),
  search: (
    <>
      <circle cx="11" cy="11" r="6.500" />
      <path d="m16 16 4.500 4.500" />
    </>
  ),
  pencil: <path d="M4 20h4L19 9l-4-4L4 16zM13 7l4 4" />,
  link: (
    <path d="M10 14a4 4 0 0 0 5.700 0l3.300-3.300a4 4 0 0 0-5.700-5.700L12 6.300M14 10a4 4 0 0 0-5.700 0L5 13.300A4 4 0 0 0 10.700 19L12 17.700" />
  ),
  bin: <path d="M5 7h14M10 7V4.500h4V7M7 7l1 13h8l1-13" />,
  keyboard: (
    <>
      <rect x="2.500" y="6" width="19" height="12.500" rx="2" />
      <path d="M6.500 10h.01M10 10h.01M13.500 10h.01M17 10h.01M8 14.500h8" stroke-width="2.2" />
    </>
  ),
  chat: (
    <path d="M4 11.500a7.500 7.500 0 0 1 15.500 0 7.500 7.500 0 0 1-11.200 6.500L4 19.500l1.300-3.800A7.400 7.400 0 0 1 4 11.500z" />
  ),
  plug: <path d="M9 3v5M15 3v5M6.500 8h11v3.500a5.500 5.500 0 0 1-11 0zM12 17v4" />,
  keys: (
    <path d="M4 6.500h4v4H4zM10 6.500h4v4h-4zM16 6.500h4v4h-4zM4 13.500h4v4H4zM10 13.500h4v4h-4zM16 13.500h4v4h-4z" />
  ),
  larger: <path d="M3 19 9 5l6 14M5 14.500h8M19 8v6M16 11h6" />,
  smaller: <path d="M3 19 9 5l6 14M5 14.500h8M16 11h6" />,
  forward: <path d="m9.500 6 6 6-6 6" />,
  unfold: <path d="m6 9.500 6 6 6-6" />,
  ask: <path d="M8.700 9.200a3.400 3.400 0 1 1 5 3c-1.200.6-1.700 1.300-1.700 2.500M12 18.200h.01" />,
  working: <path d="M20 12a8 8 0 1 1-8-8" />,
  idle: <circle cx="12" cy="12" r="7" />,
  inbox: (
    <path d="M4 13.500 6.500 5h11L20 13.500V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1zM4 13.500h4.500l1.500 2.500h4l1.500-2.500H20" />
  ),
} as const

export type IconName = keyof typeof PATHS

/** Always beside words, or in a button with a name: so it is hidden from screen readers. */
export const Icon = ({ name, small = false }: { readonly name: IconName; readonly small?: boolean }) => (
  <svg class={small ? 'i s' : 'i'} viewBox="0 0 24 24" aria-hidden="true">
    {PATHS[name]}
  </svg>
)

export const Mark = () => (
  <svg viewBox="0 0 64 64" aria-hidden="true">
    <rect width="64" height="64" rx="15" fill="#3f5ccb" />
    <g fill="none" stroke="#fff" stroke-width="6.75" stroke-linecap="round" stroke-linejoin="round">
      <circle cx="27" cy="19.5" r="9.25" fill="#f4bd66" />
      <path d="M27 29v22.5h15.5" />
      <path d="M27 40.5h8" />
    </g>
  </svg>
)

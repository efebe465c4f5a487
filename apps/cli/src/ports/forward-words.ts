/** One port of this computer that leads to a port that the machine reaches. */
export interface Forward {
  /** where to listen; null: on the loopback addresses */
  readonly address: string | null
  readonly port: number
  readonly toHost: string
  readonly toPort: number
}

const FORWARDS_MAX = 32
const USAGE = 'Say it like -L 5173, -L 8080:localhost:80 or -L 127.0.0.1:8080:localhost:80.'

/** The forwards of `-L`, several with commas in between; a sentence when one cannot be read. */
export function readForwards(text: string): readonly Forward[] | string {
  const words = text.split(',')
  if (words.length > FORWARDS_MAX) return `At most ${FORWARDS_MAX} ports.`
  const forwards: Forward[] = []
  for (const word of words) {
    const forward = readForward(word.trim())
    if (forward === null) return `-L: "${word}" is none. ${USAGE}`
    forwards.push(forward)
  }
  return forwards
}

/** `[ADDR:]PORT[:HOST:PORT]`; addresses of IPv6 in brackets. */
function readForward(word: string): Forward | null {
  const parts = word.match(/\[[^\]]*\]|[^:[\]]+/g) ?? []
  if (parts.join(':') !== word) return null
  const bare = parts.map((part) => part.replace(/^\[|\]$/g, ''))
  const [a = '', b = '', c = '', d = ''] = bare
  switch (bare.length) {
    case 1:
      return forward(null, a, 'localhost', a)
    case 2:
      return forward(a, b, 'localhost', b)
    case 3:
      return forward(null, a, b, c)
    case 4:
      return forward(a, b, c, d)
    default:
      return null
  }
}

function forward(address: string | null, port: string, toHost: string, toPort: string): Forward | null {
  const [from, to] = [portOf(port), portOf(toPort)]
  return from === null || to === null || to === 0 ? null : { address, port: from, toHost, toPort: to }
}

/** 0: any free port. */
const portOf = (text: string): number | null =>
  /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : null

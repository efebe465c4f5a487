/** Which escape sequences make a terminal emulator answer as if somebody had typed. After xterm's ctlseqs and kitty's. */

/** `CSI 11 t` … `21 t`: reports about the window; the others of this family change it. */
const WINDOW_REPORTS = new Set(['11', '13', '14', '15', '16', '18', '19', '20', '21'])
/** Colours (4, 5, 10 to 19, 21) and the clipboard (52): asked for with a question mark where the value would be. */
const ASKING_OSC = new Set(['4', '5', '21', '52', ...Array.from({ length: 10 }, (_, at) => `${10 + at}`)])

/** Parameters (with their private prefix), intermediates and final of `CSI …`. */
const CSI = /^([<=>?]?)([0-9:;]*)([ -/]*)([@-~])$/

/** Whether `CSI` + `body` asks. */
export function isAskingCsi(body: string): boolean {
  const [, prefix = '', parameters = '', intermediates = '', final = ''] = CSI.exec(body) ?? []
  const isDefault = parameters === '' || /^0+$/.test(parameters)
  switch (`${intermediates}${final}`) {
    case 'c': // device attributes; `CSI ? … c` is Linux' cursor shape
      return prefix !== '?' && isDefault
    case 'n': // device status; `CSI > … n` sets
      return prefix === '' || prefix === '?'
    case 'q': // name and version
      return prefix === '>' && isDefault
    case 'u': // keyboard protocol
      return prefix === '?'
    case 't':
      return prefix === '' && WINDOW_REPORTS.has(parameters.split(';')[0] ?? '')
    case 'x': // terminal parameters
      return prefix === '' && (isDefault || parameters === '1')
    case 'm': // key modifier options
    case 'S': // graphics attributes
      return prefix === '?'
    case '$p': // is this mode set?
    case '$w': // presentation state
    case '$u': // terminal state
    case '&u': // supplemental set
    case '"v': // displayed extent
    case "'|": // locator position
    case '*y': // checksum of an area
    case '#|': // attributes of an area
    case '#R': // colour stack
      return true
    default:
      return false
  }
}

/** Whether an OSC of this number may ask at all. */
export const mayAskOsc = (number: string): boolean => ASKING_OSC.has(number)

/** Whether `OSC` + `body` asks. */
export function isAskingOsc(body: string): boolean {
  const [number = '', ...values] = body.split(';')
  return mayAskOsc(number) && values.some((value) => value === '?' || value.endsWith('=?'))
}

/** Whether a DCS that begins so asks: settings (`$q`), capabilities (`+q`), resources (`+Q`). */
export const isAskingDcs = (header: string): boolean => /^[0-9;:]*(?:\$q|\+q|\+Q)$/.test(header)

/** Whether a kitty graphics command with these keys asks whether it could be carried out. */
export const isAskingApc = (keys: string): boolean =>
  keys.startsWith('G') && keys.slice(1).split(',').includes('a=q')

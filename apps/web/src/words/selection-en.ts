/** What the pages say about text that a finger selects in the terminal, in English. */
export const selectionEn = {
  begin: 'Select text',
  selected: (lines: number) => (lines === 1 ? 'Selection, 1 line' : `Selection, ${lines} lines`),
  nothing: 'Nothing selected',
  start: 'Start of the selection',
  end: 'End of the selection',
  copy: 'Copy',
  all: 'All',
  openLink: 'Open link',
  openFile: 'Open file',
  share: 'Share',
  more: 'More',
  less: 'Back',
  copied: (lines: number) => (lines === 1 ? '1 line copied' : `${lines} lines copied`),
  refused: 'This browser gives pages no clipboard here.',
}

import { counted } from './counted-ru.ts'
import type { Words } from './en.ts'

const lines = (count: number) => counted(count, 'строка', 'строки', 'строк')

/** То же по-русски. */
export const selectionRu: Words['selection'] = {
  begin: 'Выделить текст',
  selected: (count) => `Выделение, ${lines(count)}`,
  nothing: 'Ничего не выделено',
  start: 'Начало выделения',
  end: 'Конец выделения',
  copy: 'Копировать',
  all: 'Всё',
  openLink: 'Открыть',
  openFile: 'Открыть файл',
  share: 'Поделиться',
  more: 'Ещё',
  less: 'Назад',
  copied: (count) => `Скопировано: ${lines(count)}`,
  refused: 'Здесь браузер не даёт страницам доступа к буферу обмена.',
}

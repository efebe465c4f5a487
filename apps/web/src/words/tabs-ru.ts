import type { Words } from './en.ts'

/** То же по-русски. */
export const tabsRu: Words['tabs'] = {
  all: (count) => `Обзор терминалов: ${count}`,
  title: (machine) => `Все терминалы на ${machine}`,
  needYou: (count) => (count === 1 ? 'один ждёт вас' : `ждут вас: ${count}`),
  back: 'Назад к терминалу',
  find: 'Найти терминал',
  found: (count, of) => `${count} из ${of}`,
  notFound: 'Этого нет ни в имени, ни в папке, ни в последних строках.',
  rename: (name) => `Переименовать ${name}`,
  close: (name) => `Закрыть ${name}`,
  unnamed: 'Оставьте пустым, и терминал снова назовёт его программа.',
}

import type { Words } from './en.ts'

/** То же по-русски. */
export const typingRu: Words['typing'] = {
  echo: 'Показ нажатий',
  echoText: 'Если до машины больше 30 мс, буквы видны до её ответа. Никогда, пока читается пароль.',
  echoAuto: 'Заранее, если связь медленная',
  echoOff: 'Выкл.',
  toAgent: 'Напишите агенту',
  suggest: 'Напишите или продиктуйте здесь',
  suggestNo: 'Остаться на клавишах',
}

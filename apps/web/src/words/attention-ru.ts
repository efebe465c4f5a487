import { counted } from './counted-ru.ts'
import type { Words } from './en.ts'

const lines = (count: number) => counted(count, 'строка', 'строки', 'строк')

/** То же по-русски. */
export const attentionRu: Words['attention'] = {
  show: 'Показать',
  needsMe: 'Ждут меня',
  machines: 'Машины',
  title: (count) => (count === 0 ? 'От вас ничего не ждут' : `${counted(count, 'ждёт', 'ждут', 'ждут')} вас`),
  empty: 'Вопросы, сбои и завершённое появятся здесь.',
  lead: (failed, done) =>
    [
      failed === 0 ? '' : counted(failed, 'сбой', 'сбоя', 'сбоев'),
      done === 0 ? '' : `${counted(done, 'готов', 'готовы', 'готовы')}`,
    ]
      .filter((part) => part !== '')
      .join(', ')
      .replace(/$/, failed + done === 0 ? '' : '.'),
  terminals: (terminals, machines) =>
    `${counted(terminals, 'терминал', 'терминала', 'терминалов')} на ${counted(machines, 'машине', 'машинах', 'машинах')}.`,
  states: {
    'needs-you': 'Ждут вас',
    failed: 'Сбой',
    done: 'Готово',
    working: 'Работают',
    idle: 'Без дела',
  },
  said: {
    'needs-you': 'ждёт вас',
    failed: 'сбой',
    done: 'готово',
    working: 'работает',
    idle: 'без дела',
  },
  sectionNotes: { 'needs-you': 'сначала срочные', failed: 'не просмотрено', done: 'не просмотрено' },
  idleCount: (count) => `${count} без дела`,
  lastLines: 'Последние строки',
  exit: (code) => `код ${code}`,
  left: (span) => `осталось ${span}`,
  open: 'Открыть',
  answer: 'Ответить',
  more: (count) => `ещё ${counted(count, 'вопрос', 'вопроса', 'вопросов')}`,
  asks: {
    command: 'Просит выполнить команду',
    edit: 'Просит изменить файлы',
    tool: 'Просит применить инструмент',
    other: 'Спрашивает',
  },
  wants: {
    permission: 'Просит разрешения',
    question: 'Задаёт вопрос',
    auth: 'Просит войти',
    other: 'Ждёт вас',
  },
  grown: (title, machine) => `${title} на ${machine} ждёт вас.`,
  offline: (machine) => `${machine} не в сети. Показанное о ней устарело.`,
  notLinked: (machine) => `${machine} здесь не подключена.`,
  looking: (machine) => `Подключаемся к ${machine}…`,
  noStatus: (machine) => `На ${machine} старая версия Latchkey: она не сообщает, чем заняты терминалы.`,

  question: {
    titles: {
      command: 'Выполнить команду?',
      edit: (files) => `Изменить ${counted(files, 'файл', 'файла', 'файлов')}?`,
      tool: 'Применить инструмент?',
      other: 'Разрешить?',
    },
    who: (agent, at, machine) => (at === null ? `${agent} на ${machine}` : `${agent} в ${at} на ${machine}`),
    closeLater: 'Закрыть и решить позже',
    folder: 'Папка',
    asked: 'Спрошено',
    files: 'Файлы',
    says: (agent) => `${agent} пишет:`,
    wholeCommand: (count) => `Весь текст, ${lines(count)}`,
    changesTo: (file, count) => `Изменения в ${file}, ${lines(count)}`,
    linesFrom: (from, to) => (from === to ? `строка ${from}` : `строки ${from}–${to}`),
    added: 'добавлено',
    removed: 'убрано',
    moreLines: (count) => `ещё ${lines(count)}`,
    marked: (count, marks) =>
      `${counted(count, 'скрытый символ показан', 'скрытых символа показаны', 'скрытых символов показаны')} как ${marks}.`,
    all: (count, characters) =>
      `Это всё: ${lines(count)}, ${counted(characters, 'знак', 'знака', 'знаков')}.`,
    deskToo: (machine) => `${machine} спрашивает и на своём экране. Считается первый ответ.`,
    notSeenYet: 'Конец ещё не был на экране',
    timeLeft: (span) => `Осталось ${span}, потом решают только за машиной`,
    timeOver: 'Время вышло: решают только за машиной.',
    noTime: 'Вопрос ждёт ответа, здесь или за машиной.',
    lookOnly: (machine) =>
      `Владелец ${machine} разрешил этому приложению смотреть, но не отвечать. Решают за машиной.`,
    deskOnly: (why) => `Ответить можно только за машиной: ${why}`,
    away: (machine) => `Нет связи с ${machine}. Ответить можно, когда связь вернётся.`,
    waiting: (count) => `${counted(count, 'вопрос ждёт', 'вопроса ждут', 'вопросов ждут')}`,
    eachItself: 'На каждый отвечают отдельно',
    openTerminal: 'Открыть терминал',
    done: 'Готово',
    close: 'Закрыть',
    tryLink: 'Проверить связь',
    look: 'Смотреть',
    barAsks: (agent, kind) =>
      kind === 'command'
        ? `${agent} просит выполнить команду`
        : kind === 'edit'
          ? `${agent} просит изменить файлы`
          : `${agent} спрашивает`,
    goneTitle: 'Этот вопрос закрыт',
    goneText: (machine) => `${machine} его больше не задаёт. Здесь ничего не решено.`,
  },

  stages: {
    sending: (machine) => ['Ответ отправляется', `${machine} его ещё не подтвердила.`],
    unsure: (machine) => [
      'Нет связи: не подтверждено',
      `Связь прервалась раньше, чем ${machine} подтвердила ответ. Итог будет виден, когда связь вернётся.`,
    ],
    sent: (machine) => [
      'Отправлено, ещё не решено',
      `${machine} получила ответ. Был ли он первым, сейчас станет видно.`,
    ],
    notSent: (machine) => [
      'Не отправлено: нет связи',
      `${machine} не видела ответа, ничего не разрешено. Ответ не хранится: когда связь вернётся, вас спросят снова.`,
    ],
    running: (machine) => [
      'Разрешено, ещё не закончено',
      `На ${machine} это разрешено. Можно закрыть: итог появится в списке.`,
    ],
    ran: () => ['Разрешено и выполнено', 'Выполнено до конца.'],
    failed: () => ['Разрешено, но сбой', 'Разрешение дано, но закончилось плохо. Причина — в терминале.'],
    deny: (agent) => ['Отказано', `${agent} получил отказ и продолжает.`],
    stop: (agent) => ['Остановлено', `${agent} остановился и ждёт за машиной.`],
    no: (agent) => ['Не разрешено', `${agent} этого не сделал.`],
    otherwise: (machine) => [
      'За машиной решили иначе',
      `Ваш ответ пришёл вторым и ничего не сделал. ${machine} решила без него.`,
    ],
    desk: () => ['Ответили за машиной', 'За машиной уже ответили. Отвечать больше не на что.'],
    otherApp: () => ['Ответили в другом приложении', 'Отвечать больше не на что.'],
    decided: () => ['Уже решено', 'Отвечать больше не на что.'],
    over: (agent) => ['Закрыто без ответа', `${agent} больше не спрашивает. Отсюда ничего не разрешено.`],
    forgotten: (machine) => [
      'Больше не спрашивают',
      `${machine} вернулась без этого вопроса. Отсюда ничего не разрешено.`,
    ],
    forgottenAnswer: (machine) => [
      'Больше не спрашивают',
      `${machine} вернулась без этого вопроса. Засчитан ли ответ, неизвестно: посмотрите в терминал.`,
    ],
  },
  outcomes: {
    allowed: 'Это разрешили.',
    denied: 'Это отклонили, оно не выполнено.',
    ran: (exit) => (exit === null ? 'Выполнено.' : `Выполнено, код ${exit}.`),
    failed: (exit) => (exit === null ? 'Сбой.' : `Выполнено, код ${exit}.`),
    unknown: '',
  },
  refused: {
    UNKNOWN: 'Машина больше не знает этого вопроса.',
    EXPIRED: 'Время ответа вышло. Решают только за машиной.',
    ALREADY_DECIDED: 'Это уже было решено.',
    ALTERED: 'Вопрос изменился после того, как был показан здесь.',
    NOT_ALLOWED: 'Владелец машины не разрешил этому приложению отвечать.',
    AMBIGUOUS: 'Машина не смогла понять, какой терминал спрашивает. Ответьте за машиной.',
    AGENT_GONE: 'Агент завершился.',
    DECIDED_OTHERWISE: 'Решили иначе.',
  },
  refusedTitle: 'Ваш ответ не принят',
  refusedNothing: 'Он ничего не разрешил.',

  steps: {
    list: 'Шаги',
    asked: 'Спрошено',
    askedText: (agent) => `${agent} ждёт`,
    pushed: 'Уведомление',
    pushedText: 'Служба уведомлений приняла его',
    seen: 'Увидено',
    seenText: 'Открыто в приложении',
    sent: 'Отправлено',
    sentText: (machine) => `${machine} получила ответ`,
    sending: 'В пути',
    notSent: 'Не отправлено',
    notConfirmed: 'Не подтверждено',
    second: 'Ваш ответ не принят',
    decided: 'Решено',
    deciding: 'Решается',
    decidingText: (machine) => `${machine} смотрит, какой ответ первый`,
    decidedHere: 'Решено здесь',
    decidedDesk: 'Решено за машиной',
    decidedOther: 'Решено в другом приложении',
    ran: 'Выполнено',
    ranExit: (code) => `Выполнено, код ${code}`,
    running: 'Ещё не закончено',
    declined: 'Отклонено',
    failed: 'Сбой',
    over: 'Закрыто',
  },

  guarded: {
    title: (program) => `${program} ждёт клавишу`,
    note: 'Клавиша будет набрана, только если на машине всё ещё эти строки.',
    key: (name) => `Набрать ${name}`,
    typed: (name) => `${name} набрано.`,
    notTyped: 'Ничего не набрано',
    movedTitle: 'Экран уже другой',
    moved: (name, machine) => `Вы нажали ${name}, но на ${machine} этих строк уже нет. Ничего не набрано.`,
    justMoved: 'Экран только что изменился. Ничего не набрано: посмотрите ещё раз.',
    noAnswer: (machine) => `${machine} не ответила. Набрана ли клавиша, неизвестно: посмотрите на экран.`,
    before: 'Вы отвечали на это',
    now: (machine) => `Сейчас на ${machine}`,
    lookTerminal: 'Смотреть терминал',
    keys: 'Клавиши для ответа',
    enter: 'Enter',
    escape: 'Esc',
    up: 'Вверх',
    down: 'Вниз',
    left: 'Влево',
    right: 'Вправо',
    show: 'Клавиши',
    hide: 'Убрать клавиши',
  },
}

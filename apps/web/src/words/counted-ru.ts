const forms = new Intl.PluralRules('ru')

/** «1 терминал», «2 терминала», «5 терминалов». */
export function counted(count: number, one: string, few: string, many: string): string {
  const form = forms.select(count)
  return `${count} ${form === 'one' ? one : form === 'few' ? few : many}`
}

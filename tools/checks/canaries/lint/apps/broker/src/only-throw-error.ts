export function planted(): never {
  throw 'text'
}

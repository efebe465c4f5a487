import { Component, type ComponentType, createElement } from 'preact'

/** `inner`, drawn anew only when one of its properties is another one. For rows of long lists. */
export function unlessUnchanged<Props extends object>(inner: ComponentType<Props>): ComponentType<Props> {
  return class extends Component<Props> {
    override shouldComponentUpdate(next: Props): boolean {
      const keys = Object.keys(next) as (keyof Props)[]
      return keys.some((key) => !Object.is(next[key], this.props[key]))
    }
    override render() {
      return createElement(inner, this.props)
    }
  }
}

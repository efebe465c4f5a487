import type { Type } from '@nestjs/common'

/**
 * A controller or gateway on its parts, as the framework wants it: a class that is made without arguments. What the decorators
 * said is found by inheritance.
 */
export const withParts = <Parts>(edge: new (parts: Parts) => object, parts: Parts): Type =>
  class extends edge {
    constructor() {
      super(parts)
    }
  }

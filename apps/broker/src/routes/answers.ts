import { applyDecorators, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import type { Route } from './route.ts'
import { PAGES, type RouteName, routeOf } from './routes.ts'

const METHOD = { get: Get, post: Post, patch: Patch, delete: Delete } as const

/** The callers that a handler is for, the scope that lets an API key in, and what the audit calls it. The guard refuses a handler without it. */
export const MayAsk = Reflector.createDecorator<Pick<Route, 'by' | 'scope' | 'act'>>()

/** Answers the route of that name, for those that its line in the table of routes lets in. */
export function Answers(name: RouteName): MethodDecorator {
  const { method, path, by, scope, act, reply } = routeOf(name)
  return applyDecorators(
    METHOD[method](path.replaceAll(/\{(\w+)\}/g, ':$1')),
    HttpCode(reply === 'nothing' ? 204 : 200),
    MayAsk({ by, ...(scope && { scope }), ...(act && { act }) }),
  )
}

/** Answers the addresses of all pages, for anybody. */
export const AnswersPages = (): MethodDecorator => applyDecorators(Get([...PAGES]), MayAsk({ by: 'anybody' }))

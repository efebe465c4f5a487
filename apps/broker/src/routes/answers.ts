import { applyDecorators, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common'
import { Reflector } from '@nestjs/core'
import { type By, PAGES, type RouteName, routeOf } from './routes.ts'

const METHOD = { get: Get, post: Post, patch: Patch, delete: Delete } as const

/** The callers that a handler is for. The guard refuses a handler without it. */
export const MayAsk = Reflector.createDecorator<By>()

/** Answers the route of that name, for those that its line in the table of routes lets in. */
export function Answers(name: RouteName): MethodDecorator {
  const { method, path, by, reply } = routeOf(name)
  return applyDecorators(
    METHOD[method](path.replaceAll(/\{(\w+)\}/g, ':$1')),
    HttpCode(reply === 'nothing' ? 204 : 200),
    MayAsk(by),
  )
}

/** Answers the addresses of all pages, for anybody. */
export const AnswersPages = (): MethodDecorator => applyDecorators(Get([...PAGES]), MayAsk('anybody'))

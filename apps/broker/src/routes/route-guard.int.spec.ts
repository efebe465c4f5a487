import 'reflect-metadata'
import { Controller, Get, type INestApplication } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { HttpProblem, ProblemFilter } from '../http/problem.ts'
import { openLog } from '../log/log.ts'
import { Answers } from './answers.ts'
import { type Doors, RouteGuard } from './route-guard.ts'
import { routes } from './routes.ts'

@Controller()
class ForgetfulController {
  /** Its author forgot to say who may ask. */
  @Get('forgotten')
  forgotten() {
    return { secret: 'told' }
  }

  @Answers('get /healthz')
  open() {
    return { status: 'ok' }
  }

  @Answers('get /nodes/me')
  ofDevices() {
    return { status: 'ok' }
  }
}

let app: INestApplication
let url: string
let asked: string[]
const door = (kind: string) => async () => void asked.push(kind)
const doors: Doors = {
  operator: door('operator'),
  console: door('console'),
  secret: door('secret'),
  device: async () => {
    asked.push('device')
    throw new HttpProblem(401, 'NOT_A_NODE')
  },
  metrics: door('metrics'),
  keys: { shows: () => false, requireKey: door('key') },
}

beforeEach(async () => {
  asked = []
  const made = await Test.createTestingModule({ controllers: [ForgetfulController] }).compile()
  app = made.createNestApplication()
  app.useGlobalGuards(new RouteGuard(doors))
  app.useGlobalFilters(new ProblemFilter(openLog('silent'), '/no-page'))
  await app.listen(0, '127.0.0.1')
  url = await app.getUrl()
})
afterEach(() => app.close())

it('a route that does not say who may ask answers nobody', async () => {
  const response = await fetch(`${url}/forgotten`)
  expect(response.status).toBe(401)
  expect(await response.json()).toMatchObject({ code: 'NOT_SIGNED_IN' })
})

it('a route for anybody asks at no door, any other at its own', async () => {
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect(asked).toEqual([])
  const refused = await fetch(`${url}/nodes/me`)
  expect([refused.status, await refused.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'NOT_A_NODE' }),
  ])
  expect(asked).toEqual(['device'])
})

it('every route but these lets nobody in without a door', () => {
  const open = routes.filter(({ by }) => by === 'anybody').map(({ method, path }) => `${method} ${path}`)
  expect(open.toSorted()).toEqual([
    'get /.well-known/oauth-authorization-server',
    'get /broker.json',
    'get /d/{mark}',
    'get /doctor/drip',
    'get /doctor/visits/{mark}',
    'get /healthz',
    'get /install',
    'get /install/{file}',
    'get /openapi.json',
    'get /readyz',
    'post /oauth/device_authorization',
    'post /oauth/token',
    'post /operator/sign-in',
    'post /operator/sign-out',
    'post /pairing/connect',
    'post /pairing/follow',
    'post /pairing/key',
  ])
})

import { NestFactory } from '@nestjs/core'

export const planted = NestFactory

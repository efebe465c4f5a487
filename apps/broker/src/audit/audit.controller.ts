import { auditExportQuery, auditQuery } from '@latchkey/protocol/audit'
import { Controller, Query, Res } from '@nestjs/common'
import type { Response } from 'express'
import type { z } from 'zod'
import { HttpProblem } from '../http/problem.ts'
import { Answers } from '../routes/answers.ts'
import type { AuditDesk } from './audit-desk.ts'

/** The audit, for the operator: as a list, and as a file. */
@Controller()
export class AuditController {
  constructor(private readonly desk: AuditDesk) {}

  @Answers('get /operator/audit')
  page(@Query() query: unknown) {
    return this.desk.page(read(auditQuery, query))
  }

  @Answers('get /operator/audit/export')
  async exported(@Query() query: unknown, @Res({ passthrough: true }) response: Response): Promise<string> {
    const asked = read(auditExportQuery, query)
    // JSON lines have no registered type.
    const type = asked.format === 'csv' ? 'text/csv' : 'text/plain'
    response.setHeader('content-type', `${type}; charset=utf-8`)
    response.setHeader('content-disposition', `attachment; filename="latchkey-audit.${asked.format}"`)
    return this.desk.exported(asked)
  }
}

function read<S extends z.ZodType>(schema: S, query: unknown): z.output<S> {
  const asked = schema.safeParse(query)
  if (asked.success) return asked.data
  const what = asked.error.issues.map(({ path, message }) => `${path.join('.') || 'query'}: ${message}`)
  throw new HttpProblem(400, 'INVALID_FORMAT', what.join('; ').slice(0, 500))
}

/**
 * The files of somebody else's NestJS application, with the founding document's module word for word but for the import paths.
 * It is compiled outside this repository, against packed tarballs.
 */
export const STRANGERS_FILES: Readonly<Record<string, string>> = {
  'src/pairing.module.ts': `
import { Module } from '@nestjs/common';
import { PairingCodeService } from '@latchkey/broker/runner-pairing/pairing-code.service';
import { RedisModule } from '@latchkey/broker/runner-pairing/redis.module';

@Module({
  imports: [RedisModule],
  providers: [PairingCodeService],
  exports: [PairingCodeService],
})
export class PairingModule {}
`,
  'src/app.module.ts': `
import 'reflect-metadata';
import { PairingCodeService } from '@latchkey/broker/runner-pairing/pairing-code.service';
import { PairingErrorCode, type PairingCodeEntry, type PairingSession, type RateLimitEntry, type PairingHistoryEntry, type ValidationResult } from '@latchkey/broker/runner-pairing/pairing.types';
import { Injectable, Module } from '@nestjs/common';
import { PairingModule } from './pairing.module.js';

/** The founding types, by their names. */
export type Founding = PairingCodeEntry | PairingSession | RateLimitEntry | PairingHistoryEntry;

@Injectable()
export class Desk {
  constructor(private readonly codes: PairingCodeService) {}

  async open(code: string, runnerId: string): Promise<string> {
    await this.codes.registerCode(code, runnerId);
    const found: ValidationResult = await this.codes.validateCode(code);
    return found.runnerId ?? PairingErrorCode.CODE_NOT_FOUND;
  }
}

@Module({ imports: [PairingModule], providers: [Desk] })
export class AppModule {}
`,
  'src/main.ts': `
import { NestFactory } from '@nestjs/core';
import { AppModule, Desk } from './app.module.js';

async function main(): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
  process.stdout.write(await app.get(Desk).open(process.argv[2] ?? '', 'machine-of-a-stranger'));
  await app.close();
}
main().catch((problem: Error) => {
  process.stderr.write(problem.message);
  process.exitCode = 1;
});
`,
  'src/desk.spec.ts': `
import { Test } from '@nestjs/testing';
import { AppModule, Desk } from './app.module.js';

it('registers a code', async () => {
  const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
  expect(await app.get(Desk).open(process.env['CODE'] ?? '', 'machine-of-a-test')).toBe('machine-of-a-test');
  await app.close();
});
`,
  'vitest.config.mjs': `
export default { test: { globals: true, include: ['src/*.spec.ts'] } };
`,
  // Nest 12 is made of ECMAScript modules, so Jest needs its mode for them.
  'jest.config.cjs': `
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/src'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\\\.{1,2}/.*)\\\\.js$': '$1' },
  transform: { '^.+\\\\.ts$': ['ts-jest', { useESM: true, tsconfig: 'tsconfig.bundler.json', diagnostics: false }] },
};
`,
}

const COMMON = {
  target: 'es2022',
  strict: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  skipLibCheck: true,
  esModuleInterop: true,
  rootDir: 'src',
  types: ['node'],
}

/** The compiler's options of Nest's own default project (`nest new`, @nestjs/schematics 12): CommonJS by `nodenext`. */
const NESTS_OWN = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  resolvePackageJsonExports: true,
  esModuleInterop: true,
  isolatedModules: true,
  declaration: true,
  removeComments: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  allowSyntheticDefaultImports: true,
  target: 'es2023',
  rootDir: 'src',
  skipLibCheck: true,
  strict: true,
  strictPropertyInitialization: false,
  types: ['node'],
}

/** Jest's configuration of that project, without the path aliases that it has none of. */
export const NESTS_JEST = {
  moduleFileExtensions: ['js', 'json', 'ts'],
  rootDir: '.',
  testRegex: '.*\\.spec\\.ts$',
  transform: { '^.+\\.(t|j)s$': 'ts-jest' },
  testEnvironment: 'node',
}

/** Each way in which applications find packages and are loaded: compiler options, by the name of the folder they compile to. */
export const STRANGERS_COMPILERS: Readonly<Record<string, object>> = {
  classic: { ...COMMON, module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '6.0' },
  bundler: { ...COMMON, module: 'esnext', moduleResolution: 'bundler' },
  nest: NESTS_OWN,
}

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type ts from 'typescript'

/** What the compiler found, or what a program's comment announces: at `right/x.ts:12 TS2339`, with the message. */
export interface Finding {
  readonly at: string
  readonly message: string
}

const here = import.meta.dirname

/** All errors of the compiler on the programs of some folders, under the options of `tsconfig.json`. */
export function compile(compiler: typeof ts, folders: readonly string[]): Finding[] {
  const flat = (message: string | ts.DiagnosticMessageChain): string => compiler.flattenDiagnosticMessageText(message, '\n')
  const { config } = compiler.readConfigFile(join(here, 'tsconfig.json'), compiler.sys.readFile)
  const { options } = compiler.parseJsonConfigFileContent(config, compiler.sys, here)
  const program = compiler.createProgram(folders.flatMap(programsIn), options)
  return compiler.getPreEmitDiagnostics(program).map(({ file, start, code, messageText }) => {
    const place =
      file === undefined ? 'options' : `${relative(here, file.fileName)}:${file.getLineAndCharacterOfPosition(start ?? 0).line + 1}`
    return { at: `${place} TS${code}`, message: flat(messageText) }
  })
}

/** The errors that programs announce: a comment `// error TS2339: part of the message` on the line where it has to be. */
export function announced(folders: readonly string[]): Finding[] {
  return folders.flatMap(programsIn).flatMap((path) =>
    readFileSync(path, 'utf8')
      .split('\n')
      .flatMap((line, index) => {
        const [, code, message] = /\/\/ error TS(\d+): (.+)$/.exec(line) ?? []
        return message === undefined ? [] : [{ at: `${relative(here, path)}:${index + 1} TS${code}`, message }]
      }),
  )
}

function programsIn(folder: string): string[] {
  return readdirSync(join(here, folder)).map((name) => join(here, folder, name))
}

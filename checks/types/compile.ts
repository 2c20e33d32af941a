import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type ts from 'typescript'

/** What the compiler found, or what a program's comment announces: at `right/x.ts:12 TS2339`, with the message. */
export interface Finding {
  readonly at: string
  readonly message: string
}

const here = import.meta.dirname

/** All errors of the compiler on some programs, under the options of `tsconfig.json`: those of folders, or texts by the path they are to have. */
export function compile(compiler: typeof ts, folders: readonly string[], texts: ReadonlyMap<string, string> = new Map()): Finding[] {
  const flat = (message: string | ts.DiagnosticMessageChain): string => compiler.flattenDiagnosticMessageText(message, '\n')
  const { config } = compiler.readConfigFile(join(here, 'tsconfig.json'), compiler.sys.readFile)
  const { options } = compiler.parseJsonConfigFileContent(config, compiler.sys, here)
  const host = compiler.createCompilerHost(options)
  const program = compiler.createProgram([...folders.flatMap(programsIn), ...texts.keys()], options, {
    ...host,
    readFile: (path) => texts.get(path) ?? host.readFile(path),
    getSourceFile: (path, ...rest) => {
      const text = texts.get(path)
      return text === undefined ? host.getSourceFile(path, ...rest) : compiler.createSourceFile(path, text, rest[0])
    },
  })
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

/** The samples of a page, as programs beside this one. What they leave to the reader is declared. */
export function samplesOf(page: string): Map<string, string> {
  const declared = 'declare function authenticate(request: unknown): Promise<{ id: string; name: string }>'
  const samples = readFileSync(join(here, '../..', page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)
  return new Map(
    Array.from(samples, ([, sample], index) => [join(here, `${page.replaceAll('/', '-')}-${index + 1}.ts`), `${sample}${declared}\n`]),
  )
}

function programsIn(folder: string): string[] {
  return readdirSync(join(here, folder)).map((name) => join(here, folder, name))
}

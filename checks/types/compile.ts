import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type ts from 'typescript'

/** Programs by the absolute path that they have, or are to have. */
export type Programs = ReadonlyMap<string, string>

/** What the compiler found, or what a program's comment announces: at `right/x.ts:12 TS2339`, with the message. */
export interface Finding {
  readonly at: string
  readonly message: string
}

const here = import.meta.dirname

/** The compiler's errors in some programs, under the options of `tsconfig.json` and under settings that an application may have. */
export function compile(compiler: typeof ts, programs: Programs, settings: object = {}): Finding[] {
  const { config } = compiler.readConfigFile(join(here, 'tsconfig.json'), compiler.sys.readFile)
  Object.assign(config.compilerOptions, settings)
  const { options } = compiler.parseJsonConfigFileContent(config, compiler.sys, here)
  const program = compiler.createProgram([...programs.keys()], options, hostOf(compiler, programs, options))
  const found = Array.from(programs.keys(), (path) => compiler.getPreEmitDiagnostics(program, program.getSourceFile(path))).flat()
  return found.map(({ file, start, code, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1
    const place = file === undefined ? 'options' : `${relative(here, file.fileName)}:${line}`
    return { at: `${place} TS${code}`, message: compiler.flattenDiagnosticMessageText(messageText, '\n') }
  })
}

/** What one compiler has read of libraries under the same options is the same in every program. */
const libraries = new WeakMap<typeof ts, Map<string, ts.SourceFile | undefined>>()

function hostOf(compiler: typeof ts, programs: Programs, options: ts.CompilerOptions): ts.CompilerHost {
  const host = compiler.createCompilerHost(options)
  const known = libraries.get(compiler) ?? new Map<string, ts.SourceFile | undefined>()
  libraries.set(compiler, known)
  const underOptions = JSON.stringify(options)
  return {
    ...host,
    fileExists: (path) => programs.has(path) || host.fileExists(path),
    readFile: (path) => programs.get(path) ?? host.readFile(path),
    getSourceFile(path, ...rest) {
      const text = programs.get(path)
      if (text !== undefined) return compiler.createSourceFile(path, text, rest[0])
      const key = `${path} ${underOptions}`
      if (!known.has(key)) known.set(key, host.getSourceFile(path, ...rest))
      return known.get(key)
    },
  }
}

/** The errors that programs announce: a comment `// error TS2339: part of the message` on the line where it has to be. */
export function announced(programs: Programs): Finding[] {
  return [...programs].flatMap(([path, text]) =>
    text.split('\n').flatMap((line, index) => {
      const [, code, message] = /\/\/ error TS(\d+): (.+)$/.exec(line) ?? []
      return message === undefined ? [] : [{ at: `${relative(here, path)}:${index + 1} TS${code}`, message }]
    }),
  )
}

export function programsIn(folders: readonly string[]): Programs {
  const paths = folders.flatMap((folder) => readdirSync(join(here, folder)).map((name) => join(here, folder, name)))
  return new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]))
}

/** The same programs as CommonJS modules. What they import from further away stays an ES module, as our packages' sources are. */
export function asCommonJs(programs: Programs): Programs {
  const imports = /(?<= from '\.\.?\/(?!\.\.)\S+\.)ts(?=')/g
  return new Map(Array.from(programs, ([path, text]) => [path.replace(/ts$/, 'cts'), text.replaceAll(imports, 'cts')]))
}

/** The samples of a page, as programs beside this one. What they leave to the reader is declared. */
export function samplesOf(page: string): Programs {
  const declared = 'declare function authenticate(request: unknown): Promise<{ id: string; name: string }>'
  const samples = readFileSync(join(here, '../..', page), 'utf8').matchAll(/^```ts\n(.*?)^```/gms)
  return new Map(
    Array.from(samples, ([, sample], index) => [join(here, `${page.replaceAll('/', '-')}-${index + 1}.ts`), `${sample}${declared}\n`]),
  )
}

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { folders } from '../../packed/install.ts'

const packages = join(import.meta.dirname, '../../../packages')

/** Something that an entry of a package exports. */
export interface PublicName {
  /** `@holdfast/core/redis` */
  readonly entry: string
  readonly name: string
  readonly isValue: boolean
  readonly isType: boolean
  /** Another package's or another entry's, passed on. */
  readonly isPassedOn: boolean
  /** Of a union of strings: its members. */
  readonly members: readonly string[]
}

/** What the packages export, types too, as the compiler finds it in their sources. */
export function publicNames(): PublicName[] {
  const entries = folders.flatMap((folder) => entriesOf(join(packages, folder)))
  const sources = entries.map(({ source }) => source)
  const program = ts.createProgram(sources, compilerOptions())
  const checker = program.getTypeChecker()
  return entries.flatMap(({ entry, source, folder }) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(source)!)!
    return checker.getExportsOfModule(module).map((symbol) => {
      const aliased = checker.getAliasedSymbol(symbol)
      const { flags, declarations } = aliased
      if (declarations === undefined) throw new Error(`the compiler does not find ${symbol.name} of ${entry}`)
      const isType = (flags & ts.SymbolFlags.Type) !== 0
      return {
        entry,
        name: symbol.name,
        isValue: (flags & ts.SymbolFlags.Value) !== 0,
        isType,
        isPassedOn: declarations.every((declaration) => isOfAnother(declaration.getSourceFile().fileName, folder, entry, entries)),
        members: isType ? membersOf(checker.getDeclaredTypeOfSymbol(aliased)) : [],
      }
    })
  })
}

/** Of another package, or out of the room that another entry is named after. */
function isOfAnother(file: string, folder: string, entry: string, entries: readonly Entry[]): boolean {
  if (!file.startsWith(`${folder}/`)) return true
  const [, room] = file.slice(folder.length + 1).split('/')
  return entries.some((other) => other.folder === folder && other.entry !== entry && other.entry.endsWith(`/${room}`))
}

function membersOf(type: ts.Type): string[] {
  return type.isUnion() ? type.types.filter((member) => member.isStringLiteral()).map(({ value }) => value) : []
}

interface Entry {
  readonly entry: string
  readonly source: string
  readonly folder: string
}

/** From the keys of the package's `exports`. */
function entriesOf(folder: string): Entry[] {
  const { name, exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string
    exports: Record<string, { '@holdfast/source': string } | string>
  }
  return Object.entries(exports).flatMap(([key, files]) =>
    typeof files === 'string' ? [] : [{ entry: name + key.slice(1), source: join(folder, files['@holdfast/source']), folder }],
  )
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(packages, '../tsconfig.base.json'), (file) => readFileSync(file, 'utf8')) as {
    config: { compilerOptions: object }
  }
  return ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, experimentalDecorators: true }, packages).options
}

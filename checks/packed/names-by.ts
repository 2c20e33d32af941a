import { entriesOf } from './install.ts'
import { runProgram, type Program } from './run-program.ts'

/** The names that each entry exports, by `import` or by `require`. */
export function namesBy(load: 'import' | 'require', { project, node }: Pick<Program, 'project' | 'node'>): unknown {
  const [file, loaded] = load === 'import' ? ['names.mjs', 'await import(entry)'] : ['names.cjs', 'require(entry)']
  const program = `const names = {}
    for (const entry of ${JSON.stringify(entriesOf(project))}) names[entry] = Object.keys(${loaded}).sort()
    console.log(JSON.stringify(names))`
  return runProgram({ project, file, program, node })
}

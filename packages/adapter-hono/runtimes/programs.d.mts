export type RuntimeName = 'bun' | 'deno' | 'workerd'
export const runtimes: Readonly<Record<RuntimeName, string>>
export const folder: string
export function findRuntime(name: RuntimeName): string | undefined

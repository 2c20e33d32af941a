export function isInstalled(folder: string): boolean
export function npmCi(folder: string): string | undefined

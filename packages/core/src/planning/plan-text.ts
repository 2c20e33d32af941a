/** `1,234,567`: in every locale the same. */
export function countAsText(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** `33 %`, `0.46 %`: two digits that say something. */
export function shareAsText(share: number): string {
  return `${Number((share * 100).toPrecision(share >= 0.995 ? 3 : 2))} %`
}

const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB']

/** `944 bytes`, `2.3 KiB`, `4 GiB`. */
export function bytesAsText(bytes: number): string {
  const power = bytes < 10_240 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const inUnit = bytes / 1024 ** power
  return `${power === 0 ? countAsText(inUnit) : Number(inUnit.toFixed(1))} ${units[power]}`
}

import { sessionError } from '../errors.ts'

/** The part of Standard Schema 1 (standardschema.dev) that is used. */
export interface StandardSchema<Input = unknown, Output = Input> {
  /** The schema's own side of the interface. */
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}
/** The data as the schema gives it back, or what is wrong with it, and where. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly unknown[] | undefined }[] }

/** A schema for the data: what it gives back it must take again, since what is stored is read through it. */
export type DataSchema<Data, Input> = StandardSchema<Input, Data> &
  ([Data] extends [Input] ? unknown : { error: 'what is stored is read back through the schema: its output has to be valid input' })

/** The data as the schema gives it back. Throws `ERR_DATA`, with the places that do not fit and never what stands there. */
export async function validated<Data>(schema: StandardSchema<unknown, Data>, data: unknown): Promise<Data> {
  let result: SchemaResult<Data>
  try {
    result = await schema['~standard'].validate(data)
  } catch {
    // What a transform throws may quote the data.
    throw sessionError('ERR_DATA', "The schema threw where it should have answered what is wrong with the session's data.")
  }
  if (result.issues === undefined) return result.value
  const places = result.issues.map(({ path }) => path?.map(keyOf).join('.') || 'the whole')
  throw sessionError(
    'ERR_DATA',
    `The session's data does not fit the schema at ${places.join(', ')}. Change the data, or let the schema take what older releases stored.`,
  )
}

function keyOf(segment: unknown): string {
  return String(typeof segment === 'object' && segment !== null && 'key' in segment ? segment.key : segment)
}

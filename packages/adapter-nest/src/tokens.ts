// By name: an application may load the ESM and the CJS copy of this package.
/** The session manager of the module. */
export const SESSIONS: unique symbol = Symbol.for('holdfast.nest.sessions') as never

/** What the module does in the application that imports it. */
export const SESSION_HOST: unique symbol = Symbol.for('holdfast.nest.host') as never

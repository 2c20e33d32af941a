// On Cloudflare Workers a timer ends with the request that set it, so a common one would fall silent after the first.
const { navigator } = globalThis as { navigator?: { readonly userAgent?: string } }

/** Whether a timer that one request has set may serve others. */
export const hasSharedTimers = navigator?.userAgent !== 'Cloudflare-Workers'

/**
 * Arguments under which a replica has its copy at once. By default a primary waits 5 seconds for further replicas that ask; and a
 * replica hears from it every 10 seconds in place of every one, before which CLUSTER SLOTS does not name it.
 */
export const promptReplication: readonly string[] = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1']

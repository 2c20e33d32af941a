export type ProgramName = 'redis-server' | 'memcached' | 'chromium' | 'haproxy' | 'nginx' | 'postgres' | 'openssl' | 'ip'
export declare const programs: Readonly<Record<ProgramName, unknown>>
export declare function findProgram(name: ProgramName): string | undefined
export declare function howToInstall(name: ProgramName): string

export declare const folder: string
export declare function findNode24(): string | undefined

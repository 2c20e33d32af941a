import { shop } from './shop.mjs'

const { port } = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch: shop.fetch })
console.log(JSON.stringify({ port }))

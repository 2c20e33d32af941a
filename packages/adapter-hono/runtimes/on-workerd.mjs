import { shop } from './shop.mjs'

export default shop

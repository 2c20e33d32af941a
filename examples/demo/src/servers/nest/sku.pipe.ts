import { NotFoundException, type PipeTransform } from '@nestjs/common'
import { isSold } from '../../shop/catalogue.ts'

/** Lets pass what the shop sells. */
export const skuPipe: PipeTransform<string, string> = {
  transform(sku) {
    if (!isSold(sku)) throw new NotFoundException()
    return sku
  },
}

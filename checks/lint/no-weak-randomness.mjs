/** Tokens and stamps come from the system's generator, whole: `Math.random` is guessable, and a UUID has 122 bits of it. */
export const noWeakRandomness = {
  meta: { type: 'problem' },
  create(context) {
    return {
      Identifier(node) {
        if (node.name === 'randomUUID') context.report({ node, message: 'Use randomBytes of node:crypto: a UUID is no secret.' })
      },
      MemberExpression(node) {
        const named = node.computed ? node.property.value : node.property.name
        if (node.object.name === 'Math' && named === 'random') {
          context.report({ node, message: 'Use randomBytes or randomInt of node:crypto: Math.random can be guessed.' })
        }
      },
      VariableDeclarator(node) {
        if (node.init?.name === 'Math') context.report({ node, message: 'Name what is used of Math where it is used.' })
      },
    }
  },
}

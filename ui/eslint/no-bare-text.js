/**
 * Refuses texts that a user may see and that are not in the catalogue (src/lib/text): in the markup of components,
 * in attributes that are shown or read out, and sentences in scripts.
 */

/** Attributes, and properties of components, whose values are shown or read out. */
const SHOWN =
  /^(?:aria-(?:braillelabel|brailleroledescription|description|label|placeholder|roledescription|valuetext)|alt|label|placeholder|title)$/;

const ENTITY = /&(?:#\w+|\w+);/g;
const hasLetters = (text) => /\p{L}/u.test(text.replace(ENTITY, ''));

/** A text that begins like a sentence and has a second word, or that ends like one. */
const SENTENCE = /^\s*\p{Lu}[\p{L}’']*(?:[,;:]?\s+\p{Ll}|[.!?…]$)/u;

/** Yields the texts that are written in the code: strings, and the fixed parts of templates. */
function* written(node) {
  if (node.type === 'Literal' && typeof node.value === 'string') yield [node, node.value];
  else if (node.type === 'TemplateElement') yield [node, node.value.raw];
  else if (node.type === 'SvelteLiteral' || node.type === 'SvelteText') yield [node, node.value];
}

/** Yields the texts that may be the value of an expression: not those that are compared, called or used as keys. */
function* shownIn(node) {
  switch (node?.type) {
    case 'ConditionalExpression':
      yield* shownIn(node.consequent);
      yield* shownIn(node.alternate);
      break;
    case 'LogicalExpression':
    case 'BinaryExpression':
      if (node.operator !== '+' && node.type === 'BinaryExpression') break;
      yield* shownIn(node.left);
      yield* shownIn(node.right);
      break;
    case 'TemplateLiteral':
      yield* node.quasis;
      for (const expression of node.expressions) yield* shownIn(expression);
      break;
    case 'SvelteMustacheTag':
    case 'SvelteMustacheTagText':
      yield* shownIn(node.expression);
      break;
    default:
      if (node) yield node;
  }
}

export default {
  meta: {
    type: 'problem',
    schema: [],
    messages: {
      bare: 'Words that a person sees are in the catalogue (src/lib/text): “{{words}}”.',
    },
  },
  create(context) {
    const reported = new Set();
    const report = (node, words) => {
      if (reported.has(node)) return;
      reported.add(node);
      context.report({ node, messageId: 'bare', data: { words: words.trim() } });
    };
    const refuse = (node) => {
      for (const part of shownIn(node))
        for (const [where, words] of written(part)) if (hasLetters(words)) report(where, words);
    };
    const refuseSentence = (node) => {
      for (const [where, words] of written(node)) if (SENTENCE.test(words)) report(where, words);
    };
    const isShown = (attribute) => SHOWN.test(attribute.key.name);
    return {
      SvelteText(node) {
        if (!/^Svelte(?:Style|Script)/.test(node.parent.type)) refuse(node);
      },
      SvelteMustacheTag(node) {
        if (!/Attribute|Directive/.test(node.parent.type)) refuse(node);
      },
      SvelteAttribute(node) {
        if (isShown(node)) node.value.forEach(refuse);
      },
      'Program Literal': refuseSentence,
      'Program TemplateElement': refuseSentence,
    };
  },
};

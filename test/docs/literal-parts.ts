import ts from 'typescript';

/** The literal parts of an expression that is a text. */
export function partsOf(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text];
  if (ts.isTemplateExpression(node)) {
    const inner = node.templateSpans.flatMap(({ expression, literal }) => [...partsOf(expression), literal.text]);
    return [node.head.text, ...inner];
  }
  if (ts.isCallExpression(node)) return [];
  const found: string[] = [];
  ts.forEachChild(node, (child) => void found.push(...partsOf(child)));
  return found;
}

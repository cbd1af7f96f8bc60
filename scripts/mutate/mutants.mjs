// All small changes of a file that a test should notice, as edits of its text.
import ts from 'typescript';

const { SyntaxKind } = ts;

const OPERATORS = new Map([
  [SyntaxKind.LessThanToken, '>='],
  [SyntaxKind.LessThanEqualsToken, '>'],
  [SyntaxKind.GreaterThanToken, '<='],
  [SyntaxKind.GreaterThanEqualsToken, '<'],
  [SyntaxKind.EqualsEqualsEqualsToken, '!=='],
  [SyntaxKind.ExclamationEqualsEqualsToken, '==='],
  [SyntaxKind.AmpersandAmpersandToken, '||'],
  [SyntaxKind.BarBarToken, '&&'],
  [SyntaxKind.PlusToken, '-'],
  [SyntaxKind.MinusToken, '+'],
  [SyntaxKind.AsteriskToken, '/'],
  [SyntaxKind.SlashToken, '*'],
  [SyntaxKind.PlusEqualsToken, '-='],
  [SyntaxKind.MinusEqualsToken, '+='],
]);
const TEXTS = [SyntaxKind.StringLiteral, SyntaxKind.TemplateExpression, SyntaxKind.NoSubstitutionTemplateLiteral];

/**
 * @returns {{ file: string, line: number, start: number, end: number, from: string, to: string, code: string }[]} `code` is the line as it stands.
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const lines = text.split('\n');
  const found = [];
  const replace = (start, end, to) => {
    const line = source.getLineAndCharacterOfPosition(start).line;
    found.push({ file, line: line + 1, start, end, from: text.slice(start, end), to, code: lines[line].trim() });
  };
  const replaceNode = (node, to) => replace(node.getStart(source), node.getEnd(), to);
  const negate = (condition) => {
    // Comparisons and the like are turned round by themselves.
    if (!ts.isBinaryExpression(condition) && !isNegation(condition))
      replaceNode(condition, `!(${condition.getText(source)})`);
  };
  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) ofBinary(node);
    else if (node.kind === SyntaxKind.TrueKeyword) replaceNode(node, 'false');
    else if (node.kind === SyntaxKind.FalseKeyword) replaceNode(node, 'true');
    else if (isNegation(node)) replaceNode(node, `(${node.operand.getText(source)})`);
    else if (ts.isIfStatement(node)) negate(node.expression);
    else if (ts.isConditionalExpression(node)) negate(node.condition);
    else if (ts.isExpressionStatement(node) && isCall(node.expression)) replaceNode(node, ';');
    else if (ts.isPropertyAccessExpression(node) && node.expression.getText(source) === 'Math') ofMath(node);
    if (ts.isFunctionLike(node) && node.body && ts.isBlock(node.body)) ofBody(node);
    ts.forEachChild(node, visit);
  };
  const ofBinary = ({ left, operatorToken, right }) => {
    if (operatorToken.kind === SyntaxKind.QuestionQuestionToken) {
      replace(left.getEnd(), right.getEnd(), '');
      replace(left.getStart(source), right.getStart(source), '');
      return;
    }
    const other = OPERATORS.get(operatorToken.kind);
    const isText = [left, right].some(({ kind }) => TEXTS.includes(kind));
    if (other && !(isText && operatorToken.kind === SyntaxKind.PlusToken)) replaceNode(operatorToken, other);
  };
  const ofMath = ({ name }) => {
    if (name.text === 'min') replaceNode(name, 'max');
    if (name.text === 'max') replaceNode(name, 'min');
  };
  /** What gives nothing may end before it has done anything. */
  const ofBody = ({ type, body }) => {
    const isVoid = type && ['void', 'Promise<void>'].includes(type.getText(source));
    const [first] = body.statements;
    if (isVoid && first && body.statements.length > 1) {
      replace(first.getStart(source), first.getStart(source), 'return; ');
    }
  };
  visit(source);
  return found;
}

function isNegation(node) {
  return ts.isPrefixUnaryExpression(node) && node.operator === SyntaxKind.ExclamationToken;
}

function isCall(expression) {
  if (ts.isAwaitExpression(expression) || ts.isVoidExpression(expression)) return isCall(expression.expression);
  return ts.isCallExpression(expression) && expression.expression.kind !== SyntaxKind.SuperKeyword;
}

/** The change in a few words. */
export function changeOf({ from, to }) {
  const short = (text) => text.replace(/\s+/g, ' ').slice(0, 60);
  if (from === '') return `return at once`;
  return to === '' || to === ';' ? `without ${short(from)}` : `${short(from)} → ${short(to)}`;
}

// Classes that bundlers of apps can leave out.
import { parseAst } from 'rolldown/parseAst';

const OPENED = '/* @__PURE__ */ (() => ';

/** What a class does as it is made: a bundler that sees it must keep the class, used or not. */
const acts = ({ body }) =>
  body.body.some(({ type, static: isStatic }) => type === 'StaticBlock' || (isStatic && type === 'PropertyDefinition'));

/** The name that a statement decorates: `X = __decorate([…], X);`. */
function decoratedBy(statement) {
  const { left, right } = statement?.type === 'ExpressionStatement' ? statement.expression : {};
  return right?.callee?.name === '__decorate' && left?.type === 'Identifier' ? left.name : undefined;
}

/**
 * Says of each class at the top of a file that to make it does nothing to others. What it does is done to itself: a static block hides what it holds in
 * output, a decorator writes its metadata. An app's bundle then holds the classes that it uses. Lines stay as they are.
 */
export function withPureClasses(code) {
  const inserts = [];
  const { body } = parseAst(code);
  for (const [i, statement] of body.entries()) {
    const [made, ...more] = statement.type === 'VariableDeclaration' ? statement.declarations : [];
    if (made?.init?.type !== 'ClassExpression' || more.length > 0) continue;
    const { start, end } = made.init;
    if (decoratedBy(body[i + 1]) === made.id.name) {
      inserts.push([start, `${OPENED}{ let ${made.id.name} = `], [body[i + 1].end, ` return ${made.id.name}; })();`]);
    } else if (acts(made.init)) {
      inserts.push([start, OPENED], [end, ')()']);
    }
  }
  return inserts.reduceRight((text, [at, inserted]) => text.slice(0, at) + inserted + text.slice(at), code);
}

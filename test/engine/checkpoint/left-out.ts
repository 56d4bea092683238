import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A class, or a function that returns methods over variables of its own, with the names of what it keeps between calls. */
export interface Keeper {
  readonly name: string;
  readonly state: readonly string[];
  /** The text of its `checkpoint`, or null when it has none. */
  readonly checkpoint: string | null;
}

const COLLECTION = /^(Map|Set|WeakMap|\w+Array)$/u;
const VIEW_TYPE = /^((Uint|Int|Float)\d+Array|(Map|Set)<.*|[^r].*\[\])$/su;

const isCollection = (node: ts.Expression | undefined): boolean => {
  if (node === undefined) return false;
  if (ts.isArrayLiteralExpression(node)) return true;
  if (ts.isCallExpression(node)) return /^(Array\.from|arena\.|simulation\.stream)/u.test(node.expression.getText());
  return ts.isNewExpression(node) && COLLECTION.test(node.expression.getText());
};

/** Whether the expression makes a part that has a checkpoint of its own. */
const makesPart = (node: ts.Expression | undefined, keepers: ReadonlySet<string>): boolean => {
  if (node === undefined) return false;
  if (ts.isBinaryExpression(node)) return makesPart(node.left, keepers) || makesPart(node.right, keepers);
  if (ts.isNewExpression(node)) return keepers.has(node.expression.getText());
  return ts.isCallExpression(node) && /^create[A-Z]|\.stream$/u.test(node.expression.getText());
};

const has = (node: ts.HasModifiers, kind: ts.SyntaxKind): boolean =>
  ts.getModifiers(node)?.some((modifier) => modifier.kind === kind) ?? false;

const classKeeper = (node: ts.ClassDeclaration, keepers: ReadonlySet<string>): Keeper => {
  const text = node.getText();
  const made = new Set<string>();
  const visit = (child: ts.Node): void => {
    if (
      ts.isBinaryExpression(child) &&
      child.operatorToken.kind === ts.SyntaxKind.EqualsToken &&
      ts.isPropertyAccessExpression(child.left) &&
      child.left.expression.kind === ts.SyntaxKind.ThisKeyword &&
      makesPart(child.right, keepers)
    ) {
      made.add(child.left.name.getText());
    }
    ts.forEachChild(child, visit);
  };
  ts.forEachChild(node, visit);
  const state = node.members.filter(ts.isPropertyDeclaration).filter((field) => {
    if (has(field, ts.SyntaxKind.StaticKeyword)) return false;
    const type = field.type?.getText() ?? '';
    if (!has(field, ts.SyntaxKind.ReadonlyKeyword)) return true;
    return (
      isCollection(field.initializer) ||
      makesPart(field.initializer, keepers) ||
      made.has(field.name.getText()) ||
      (field.initializer === undefined &&
        VIEW_TYPE.test(type) &&
        !text.includes(`this.${field.name.getText()} = ${field.name.getText().replace('#', '')};`))
    );
  });
  const method = node.members.find(
    (member) => ts.isMethodDeclaration(member) && member.name.getText() === 'checkpoint',
  );
  return {
    name: node.name!.getText(),
    state: state.map((field) => field.name.getText()),
    checkpoint: method?.getText() ?? null,
  };
};

const memberText = (node: ts.ObjectLiteralExpression): string | null =>
  node.properties.find((property) => property.name?.getText() === 'checkpoint')?.getText() ?? null;

/** The object with methods that a function returns, or null. */
const returned = (body: ts.ConciseBody): ts.ObjectLiteralExpression | null => {
  if (!ts.isBlock(body)) return null;
  for (const statement of body.statements) {
    if (!ts.isReturnStatement(statement) || statement.expression === undefined) continue;
    let { expression } = statement;
    if (ts.isIdentifier(expression)) {
      const name = expression.text;
      for (const other of body.statements.filter(ts.isVariableStatement)) {
        const declared = other.declarationList.declarations.find((each) => each.name.getText() === name);
        if (declared?.initializer !== undefined) expression = declared.initializer;
      }
    }
    if (!ts.isObjectLiteralExpression(expression)) continue;
    const methods = expression.properties.some(
      (property) =>
        ts.isMethodDeclaration(property) ||
        (ts.isPropertyAssignment(property) && ts.isArrowFunction(property.initializer)),
    );
    if (methods) return expression;
  }
  return null;
};

const closureKeeper = (name: string, body: ts.ConciseBody, keepers: ReadonlySet<string>): Keeper | null => {
  const object = returned(body);
  if (object === null || !ts.isBlock(body)) return null;
  const state: string[] = [];
  for (const { declarationList } of body.statements.filter(ts.isVariableStatement)) {
    const mutable = (declarationList.flags & ts.NodeFlags.Let) !== 0;
    for (const { name: variable, initializer } of declarationList.declarations) {
      const keeps = mutable || isCollection(initializer) || makesPart(initializer, keepers);
      if (keeps && ts.isIdentifier(variable)) state.push(variable.text);
    }
  }
  return { name, state, checkpoint: memberText(object) };
};

/** Every keeper of state in a folder of sources. */
export const keepersOf = (folder: string): Keeper[] => {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map((path) => join(folder, path))
    .map((path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true));
  const classes = files.flatMap(({ statements }) => statements.filter(ts.isClassDeclaration));
  const names = new Set(classes.map((node) => node.name!.getText()));
  const keepers = classes.map((node) => classKeeper(node, names));
  for (const file of files) {
    for (const statement of file.statements.filter(ts.isVariableStatement)) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (initializer === undefined || !ts.isArrowFunction(initializer)) continue;
        const keeper = closureKeeper(name.getText(), initializer.body, names);
        if (keeper !== null) keepers.push(keeper);
      }
    }
  }
  return keepers.filter(({ state }) => state.length > 0);
};

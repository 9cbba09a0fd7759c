import { Lexer } from 'yaml';

/** Stands before the text of a scalar that is not in quotes, which may begin with a `#`. */
const SCALAR_FOLLOWS = '\u001f';

/** What the lexer says besides the text: a document begins, a flow collection breaks off, a scalar follows. */
const CONTROLS = new Set(['\u0002', '\u0018', SCALAR_FOLLOWS]);

/** No text of YAML has this character: it keeps the place of a comment. */
const COMMENT = '\ufffe';

/** YAML as it is, without its comments and with at most one blank line in a row. Never throws, whatever the text is. */
export const bareYaml = (source: string): string => {
  let before = '';
  let marked = '';
  for (const lexeme of new Lexer().lex(source)) {
    const isComment = lexeme.startsWith('#') && before !== SCALAR_FOLLOWS;
    if (isComment) marked += COMMENT;
    else if (!CONTROLS.has(lexeme)) marked += lexeme;
    before = lexeme;
  }
  return marked
    .replace(/^[ \t]*\ufffe\r?\n/gm, '')
    .replace(/[ \t]*\ufffe/g, '')
    .replace(/(\r?\n){3,}/g, '\n\n')
    .replace(/^\n+|\s+$/g, '');
};

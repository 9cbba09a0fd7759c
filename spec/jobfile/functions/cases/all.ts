import { builtins } from './builtins.ts';
import type { Cases } from './case.ts';
import { commands } from './commands.ts';
import { conversion } from './conversion.ts';
import { dates } from './dates.ts';
import { defaults } from './defaults.ts';
import { dicts } from './dicts.ts';
import { encoding } from './encoding.ts';
import { floatMath } from './float-math.ts';
import { flowControl } from './flow-control.ts';
import { integerLists } from './integer-lists.ts';
import { lists } from './lists.ts';
import { math } from './math.ts';
import { network } from './network.ts';
import { os } from './os.ts';
import { paths } from './paths.ts';
import { reflection } from './reflection.ts';
import { regex } from './regex.ts';
import { stringLists } from './string-lists.ts';
import { strings } from './strings.ts';
import { sums } from './sums.ts';
import { url } from './url.ts';

/** By chapter, as the library names them. */
export const CASES: Readonly<Record<string, Cases>> = {
  Strings: strings,
  'String lists': stringLists,
  'Regular expressions': regex,
  'Integer lists': integerLists,
  'Integer math': math,
  'Float math': floatMath,
  Dates: dates,
  'Defaults and JSON': defaults,
  Encoding: encoding,
  Lists: lists,
  Dicts: dicts,
  'Type conversion': conversion,
  Paths: paths,
  'Flow control': flowControl,
  Reflection: reflection,
  'Check sums': sums,
  URLs: url,
  'Operating system': os,
  Network: network,
  Commands: commands,
  'Built into Go templates': builtins,
};

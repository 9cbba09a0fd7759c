import type { Cases } from './case.ts';

export const url: Cases = {
  urlParse: [
    [
      'urlParse "http://admin:secret@server.com:8080/api?list=false#anchor"',
      'map[fragment:anchor host:server.com:8080 hostname:server.com opaque: path:/api query:list=false scheme:http userinfo:admin:secret]',
    ],
    ['urlParse "mailto:a@b.c"', 'map[fragment: host: hostname: opaque:a@b.c path: query: scheme:mailto userinfo:]'],
    ['urlParse "/a%20b?c=d"', 'map[fragment: host: hostname: opaque: path:/a b query:c=d scheme: userinfo:]'],
    ['urlParse "http://h:port/"', 'fails', '`urlParse` can\'t read the URL: "port" is no port'],
    ['urlParse ":x"', 'fails', "`urlParse` can't read the URL: what stands before the colon is no scheme"],
  ],
  urlJoin: [
    [
      'urlJoin (dict "scheme" "http" "host" "host:80" "path" "/path" "query" "query" "fragment" "fragment")',
      'http://host:80/path?query#fragment',
    ],
    ['urlJoin (dict "host" "h" "path" "p" "userinfo" "u:p" "scheme" "https")', 'https://u:p@h/p'],
    ['urlJoin (dict "path" "/a b/é?")', '/a%20b/%C3%A9%3F'],
    ['urlJoin (dict "scheme" 5)', 'fails', '`urlJoin` wants a text for the key "scheme", not a value of type int'],
  ],
};

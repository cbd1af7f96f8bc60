/**
 * Variables that change which code a program runs, or whom it trusts: a secret gets one of these only by hand. By rule, whoever may write a secret, or
 * name one, could run code in the app.
 */
const POWERFUL = new RegExp(
  `^(?:${[
    'PATH|PATHEXT|CDPATH|HOME|SHELL|USERPROFILE|APPDATA|COMSPEC|SYSTEMROOT|WINDIR|TMPDIR|TEMP|TMP|PWD|_',
    'LD_.*|DYLD_.*|GLIBC_TUNABLES|GCONV_PATH|LOCPATH|MALLOC_.*|HOSTALIASES|RES_OPTIONS|LOCALDOMAIN|TERMINFO.*|NLSPATH',
    'ENV|BASH_.*|BASHOPTS|SHELLOPTS|IFS|PS4|PROMPT_COMMAND|ZDOTDIR|EDITOR|VISUAL|PAGER|LESS.*|BROWSER',
    'NODE_.*|NPM_.*|YARN_.*|PNPM_.*|BUN_.*|DENO_.*|TS_NODE_.*|ELECTRON_.*|UV_.*',
    'PYTHON.*|PIP_.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|PHPRC|PHP_INI_.*|LUA_.*|R_.*|TCL.*',
    'JAVA_.*|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_.*|GRADLE_.*|DOTNET_.*|CORECLR_.*|COR_.*|GO.*|CGO_.*|RUST.*|CARGO_.*',
    'GIT_.*|SSH_.*|DOCKER_.*|.*_PROXY|SSL_.*|OPENSSL_.*|CURL_.*|REQUESTS_CA_BUNDLE|WGETRC',
  ].join('|')})$`,
);

/** What the command line itself shows who it is by, or is told where to ask: no business of its child's. */
const OWN =
  /^(?:(?:VAULT|BAO|HCP|AWS|AZURE|CLOUDSDK|IDENTITY|MSI)_.*|GOOGLE_APPLICATION_CREDENTIALS|GOOGLE_CREDENTIALS|KUBECONFIG)$/;

/** Of those: settings that hold no credential, and that apps have for themselves. */
const HARMLESS = /^AWS_(?:DEFAULT_)?REGION$/;

/** On Windows capitals make no difference; elsewhere a name that differs by them only is a trap. */
const plain = (name: string): string => name.toUpperCase();

export const isPowerful = (name: string): boolean => POWERFUL.test(plain(name));

export const isOwnCredential = (name: string): boolean => OWN.test(plain(name)) && !HARMLESS.test(plain(name));

export const canBeAVariable = (name: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name);

/** The rule: capitals, and an underscore for all that a variable can't have. `prod/db-password` is `PROD_DB_PASSWORD`. */
export const variableFor = (...parts: readonly string[]): string =>
  parts
    .map((part) => part.replace(/^[^A-Za-z0-9_]+|[^A-Za-z0-9_]+$/g, '').replace(/[^A-Za-z0-9_]+/g, '_'))
    .filter((part) => part !== '')
    .join('_')
    .replace(/^(?=\d)/, '_')
    .toUpperCase();

const ours =
  /^(NODE_OPTIONS|NODE_ENV|NODE_PATH|JEST_.*|INIT_CWD|npm_(package|lifecycle)_.*|npm_config_local_prefix|npm_command|PACKED_.*|(HCP|VAULT|AWS)_.*)$/;

/** The environment of a child that has to behave as in a user's shell: without what npm and jest put into ours. */
export function childEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}

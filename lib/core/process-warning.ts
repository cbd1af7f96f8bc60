/** For what no connection's log can tell: who uses a source, or a client, without one. */
export const warnByProcess = (message: string): void => process.emitWarning(`nestjs-hcp-vault: ${message}`);

export function childEnvironment(): Record<string, string>;

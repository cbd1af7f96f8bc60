// Copies of the repository in which files may be changed, and tests run in them.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';

/** Ends what a run of jest has begun, but nothing else: the child leads a process group of its own. */
function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

export class Scratch {
  #directory = mkdtempSync(join(tmpdir(), 'mutate-'));

  constructor(root) {
    const listed = execFileSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
    });
    for (const file of listed
      .split('\0')
      .filter((name) => /^(lib|test|scripts)\/|^[^/]+\.(json|mjs|cjs)$/.test(name))) {
      mkdirSync(dirname(join(this.#directory, file)), { recursive: true });
      cpSync(join(root, file), join(this.#directory, file));
    }
    symlinkSync(join(root, 'node_modules'), join(this.#directory, 'node_modules'), 'dir');
  }

  /** Puts a mutant in; the function that comes back takes it out. */
  apply({ file, start, end: until, to }) {
    const path = join(this.#directory, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, start) + to + text.slice(until));
    return () => writeFileSync(path, text);
  }

  /**
   * Runs the tests whose paths match, up to the first failure.
   * @returns {Promise<'passed' | 'failed' | 'timeout'>}
   */
  test(pattern, environment, timeout) {
    return new Promise((resolve) => {
      const args = ['scripts/test.mjs', '--selectProjects', 'source', '--testPathPatterns', pattern, '--maxWorkers=1'];
      const child = spawn(process.execPath, [...args, '--bail', '--silent'], {
        cwd: this.#directory,
        env: { ...process.env, ...environment },
        stdio: 'ignore',
        detached: true,
      });
      let isLate = false;
      const timer = setTimeout(() => {
        isLate = true;
        end(child);
      }, timeout);
      child.on('exit', (code) => {
        clearTimeout(timer);
        end(child);
        resolve(isLate ? 'timeout' : code === 0 ? 'passed' : 'failed');
      });
    });
  }

  remove() {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
